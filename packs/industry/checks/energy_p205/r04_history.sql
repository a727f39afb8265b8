-- id: energy_p205.r04_history
-- title: 单耗与自身历史|Unit energy against own history
-- severity: explain
-- clause: rule R4
-- kgce per unit of product against the median of the 12 months before, 3 median absolute deviations and at least 5 % away; from 6 months on.
WITH output AS (SELECT subject, month, MIN(product) AS product, SUM(quantity) AS t FROM rec_output_monthly GROUP BY subject, month HAVING COUNT(DISTINCT product) = 1 AND SUM(quantity) > 0),
now_ AS (SELECT e.row_no, e.subject, e.month, CAST(1000 * e.tce / o.t AS DECIMAL(18,4)) AS u
  FROM (SELECT s.subject, s.month, MIN(s.row_no) AS row_no, SUM((COALESCE(CAST(s.industrial AS DECIMAL(28,6)), 0) - COALESCE(CAST(s.transform_output AS DECIMAL(28,6)), 0) - COALESCE(CAST(s.recovery AS DECIMAL(28,6)), 0)) * COALESCE(CAST(s.coefficient AS DECIMAL(28,6)), 0)) AS tce FROM sheet s WHERE s.code <> '40' GROUP BY s.subject, s.month) e JOIN output o ON o.subject = e.subject AND o.month = e.month),
past AS (SELECT n.subject, n.month, CAST(1000 * p.tce / o.t AS DECIMAL(18,4)) AS u
  FROM now_ n JOIN (SELECT h.subject, h.month, SUM((COALESCE(CAST(h.industrial AS DECIMAL(28,6)), 0) - COALESCE(CAST(h.transform_output AS DECIMAL(28,6)), 0) - COALESCE(CAST(h.recovery AS DECIMAL(28,6)), 0)) * COALESCE(CAST(h.coefficient AS DECIMAL(28,6)), 0)) AS tce FROM rec_energy_p205 h WHERE h.code <> '40' GROUP BY h.subject, h.month) p
    ON p.subject = n.subject AND p.month BETWEEN n.month - 12 AND n.month - 1
  JOIN output o ON o.subject = p.subject AND o.month = p.month),
mid AS (SELECT subject, month, percentile_cont(0.5) WITHIN GROUP (ORDER BY u) AS med FROM past GROUP BY subject, month HAVING COUNT(*) >= 6),
spread AS (SELECT p.subject, p.month, MIN(m.med) AS med, percentile_cont(0.5) WITHIN GROUP (ORDER BY ABS(p.u - m.med)) AS mad
  FROM past p JOIN mid m ON m.subject = p.subject AND m.month = p.month GROUP BY p.subject, p.month)
SELECT n.row_no, 'industrial' AS field, CAST(CAST(n.u AS DECIMAL(18,2)) AS VARCHAR) AS value, CAST(CAST(x.med AS DECIMAL(18,2)) AS VARCHAR) || ' +- ' || CAST(CAST(3 * x.mad AS DECIMAL(18,2)) AS VARCHAR) AS expected,
  '单位产品综合能耗 ' || CAST(CAST(n.u AS DECIMAL(18,2)) AS VARCHAR) || ' 千克标准煤，前 12 个月中位数 ' || CAST(CAST(x.med AS DECIMAL(18,2)) AS VARCHAR) || '（3 倍绝对中位差 ' || CAST(CAST(3 * x.mad AS DECIMAL(18,2)) AS VARCHAR) || '），偏离 '
    || CAST(CAST(100 * (n.u / x.med - 1) AS DECIMAL(18,1)) AS VARCHAR) || ' %' AS text_zh,
  'Unit energy ' || CAST(CAST(n.u AS DECIMAL(18,2)) AS VARCHAR) || ' kgce, median of the 12 months before ' || CAST(CAST(x.med AS DECIMAL(18,2)) AS VARCHAR) || ' (3 MAD ' || CAST(CAST(3 * x.mad AS DECIMAL(18,2)) AS VARCHAR) || '): '
    || CAST(CAST(100 * (n.u / x.med - 1) AS DECIMAL(18,1)) AS VARCHAR) || ' % off' AS text_en
FROM now_ n JOIN spread x ON x.subject = n.subject AND x.month = n.month
WHERE x.med > 0 AND ABS(n.u - x.med) > 3 * x.mad AND ABS(n.u - x.med) > 0.05 * x.med
