-- id: industry.diagnosis_done_share
-- title: 诊断措施实施率|Diagnosis measures done
-- unit: %
-- kind: ratio
-- better: up
-- scope: 已实施÷企业采纳（按节能量）|Done over accepted, by saving
-- clause: 工业节能诊断服务
-- decimals: 1
-- expect: none
SELECT subject, CAST(EXTRACT(YEAR FROM proposed_on) * 12 + EXTRACT(MONTH FROM proposed_on) - 1 AS INTEGER) AS month, 'num' AS part, saving_tce * 100 AS num, 'filed' AS source, measure AS carrier, id AS record, saving_tce AS quantity, 'tce' AS quantity_unit, 100 AS scale, "by" = 'sample' AS sample FROM rec_diagnosis_measure WHERE accepted AND done_on IS NOT NULL
UNION ALL
SELECT subject, CAST(EXTRACT(YEAR FROM proposed_on) * 12 + EXTRACT(MONTH FROM proposed_on) - 1 AS INTEGER), 'den', saving_tce, 'filed', measure, id, saving_tce, 'tce', 1, "by" = 'sample' AS sample FROM rec_diagnosis_measure WHERE accepted
