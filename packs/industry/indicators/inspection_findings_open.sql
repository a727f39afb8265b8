-- id: industry.inspection_findings_open
-- title: 监察问题未按期整改|Inspection findings not put right in time
-- unit: 项
-- kind: sum
-- better: down
-- scope: 整改期限在期内、到期未完成整改|Rectification due in the period and not done by its day
-- clause: 节能监察办法
-- decimals: 0
-- expect: none
SELECT subject, CAST(EXTRACT(YEAR FROM rectify_due) * 12 + EXTRACT(MONTH FROM rectify_due) - 1 AS INTEGER) AS month, CASE WHEN rectified IS NULL OR rectified > rectify_due THEN findings ELSE 0 END AS num, 'filed' AS source, kind AS carrier, id AS record, "by" = 'sample' AS sample
FROM rec_inspection WHERE findings > 0 AND rectify_due IS NOT NULL
