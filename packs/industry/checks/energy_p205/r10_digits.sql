-- id: energy_p205.r10_digits
-- title: 末位数字分布|Last digits
-- severity: warn
-- clause: rule R10 (attention only)
-- Last digits other than 0 should be even; chi-squared with 8 degrees of freedom, 26.12 is p = 0.001; from 200 values on.
WITH v AS (SELECT k.subject, k.month, rtrim(replace(CAST(CAST(h.purchase AS DECIMAL(18,2)) AS VARCHAR), '.', ''), '0') AS t
  FROM (SELECT DISTINCT subject, month FROM sheet) k JOIN rec_energy_p205 h ON h.subject = k.subject AND h.month < k.month
  WHERE h.purchase >= 1
  UNION ALL SELECT s.subject, s.month, rtrim(replace(CAST(CAST(s.purchase AS DECIMAL(18,2)) AS VARCHAR), '.', ''), '0') FROM sheet s WHERE s.purchase >= 1),
d AS (SELECT subject, month, substring(t, length(t), 1) AS digit, COUNT(*) AS n FROM v GROUP BY subject, month, substring(t, length(t), 1)),
x AS (SELECT subject, month, SUM(n) AS total, SUM(n * n) * 9.0 / SUM(n) - SUM(n) AS chi FROM d GROUP BY subject, month)
SELECT e.row_no, 'purchase' AS field, CAST(CAST(x.chi AS DECIMAL(18,1)) AS VARCHAR) AS value, '< 26.1' AS expected,
  '历次填报 ' || CAST(x.total AS VARCHAR) || ' 个购进量的末位数字分布不均（卡方 ' || CAST(CAST(x.chi AS DECIMAL(18,1)) AS VARCHAR) || '，均匀时应小于 26.1），请留意' AS text_zh,
  'The last digits of ' || CAST(x.total AS VARCHAR) || ' purchases filed so far are uneven (chi-squared ' || CAST(CAST(x.chi AS DECIMAL(18,1)) AS VARCHAR) || ', under 26.1 when even): worth a look' AS text_en
FROM x JOIN (SELECT subject, month, MIN(row_no) AS row_no FROM sheet GROUP BY subject, month) e ON e.subject = x.subject AND e.month = x.month
WHERE x.total >= 200 AND x.chi > 26.12
