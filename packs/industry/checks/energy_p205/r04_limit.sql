-- id: energy_p205.r04_limit
-- title: 单耗与限额|Unit energy against the limit
-- severity: explain
-- clause: energy limit standards (limit_value); rule R4
-- The level for existing plants (3) of the product of a unit with one product; only limits in kgce per unit of product that are in force.
WITH output AS (SELECT subject, month, MIN(product) AS product, SUM(quantity) AS t FROM rec_output_monthly GROUP BY subject, month HAVING COUNT(DISTINCT product) = 1 AND SUM(quantity) > 0)
SELECT e.row_no, 'industrial' AS field, CAST(CAST(1000 * e.tce / o.t AS DECIMAL(18,2)) AS VARCHAR) AS value, '<= ' || CAST(CAST(l.level3 AS DECIMAL(18,2)) AS VARCHAR) AS expected,
  '单位产品综合能耗 ' || CAST(CAST(1000 * e.tce / o.t AS DECIMAL(18,2)) AS VARCHAR) || ' ' || l.unit || '，超过 ' || l.standard || ' 3 级 ' || CAST(CAST(l.level3 AS DECIMAL(18,2)) AS VARCHAR) || '，超出 '
    || CAST(CAST(100 * (1000 * e.tce / o.t / l.level3 - 1) AS DECIMAL(18,1)) AS VARCHAR) || ' %' AS text_zh,
  'Unit energy ' || CAST(CAST(1000 * e.tce / o.t AS DECIMAL(18,2)) AS VARCHAR) || ' ' || l.unit || ' is over level 3 of ' || l.standard || ', ' || CAST(CAST(l.level3 AS DECIMAL(18,2)) AS VARCHAR) || ', by '
    || CAST(CAST(100 * (1000 * e.tce / o.t / l.level3 - 1) AS DECIMAL(18,1)) AS VARCHAR) || ' %' AS text_en
FROM (SELECT s.subject, s.month, MIN(s.row_no) AS row_no, SUM((COALESCE(CAST(s.industrial AS DECIMAL(28,6)), 0) - COALESCE(CAST(s.transform_output AS DECIMAL(28,6)), 0) - COALESCE(CAST(s.recovery AS DECIMAL(28,6)), 0)) * COALESCE(CAST(s.coefficient AS DECIMAL(28,6)), 0)) AS tce FROM sheet s WHERE s.code <> '40' GROUP BY s.subject, s.month) e JOIN output o ON o.subject = e.subject AND o.month = e.month
JOIN (SELECT process, standard, unit, MAX(level3) AS level3, MIN(EXTRACT(YEAR FROM valid_from) * 12 + EXTRACT(MONTH FROM valid_from) - 1) AS from_month
  FROM rec_limit_value WHERE unit LIKE 'kgce/%' AND level3 > 0 AND variant NOT LIKE '%coal%' GROUP BY process, standard, unit) l
  ON l.process = o.product AND e.month >= l.from_month
WHERE 1000 * e.tce > CAST(l.level3 AS DECIMAL(18,6)) * o.t
