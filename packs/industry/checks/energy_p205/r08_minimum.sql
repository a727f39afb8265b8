-- id: energy_p205.r08_minimum
-- title: 理论最低能耗|Theoretical minimum
-- severity: block
-- clause: rule R8; energy_minimum
-- No plant makes a product with less than the heat of its own reaction.
WITH made AS (SELECT o.subject, o.month, SUM(CAST(o.quantity AS DECIMAL(28,6)) * m.minimum) / 1000 AS tce, MIN(o.product) AS product
  FROM rec_output_monthly o JOIN rec_energy_minimum m ON m.id = o.product GROUP BY o.subject, o.month)
SELECT e.row_no, 'industrial' AS field, CAST(CAST(e.tce AS DECIMAL(18,2)) AS VARCHAR) AS value, '>= ' || CAST(CAST(m.tce AS DECIMAL(18,2)) AS VARCHAR) AS expected,
  '填报综合能耗 ' || CAST(CAST(e.tce AS DECIMAL(18,2)) AS VARCHAR) || ' 吨标准煤，低于所报产量（' || m.product || '）的理论最低能耗 ' || CAST(CAST(m.tce AS DECIMAL(18,2)) AS VARCHAR) || '，缺 ' || CAST(CAST(m.tce - e.tce AS DECIMAL(18,2)) AS VARCHAR) AS text_zh,
  'Filed energy ' || CAST(CAST(e.tce AS DECIMAL(18,2)) AS VARCHAR) || ' tce is under the theoretical minimum of the output filed (' || m.product || '), ' || CAST(CAST(m.tce AS DECIMAL(18,2)) AS VARCHAR) || ', by ' || CAST(CAST(m.tce - e.tce AS DECIMAL(18,2)) AS VARCHAR) AS text_en
FROM (SELECT s.subject, s.month, MIN(s.row_no) AS row_no, SUM((COALESCE(CAST(s.industrial AS DECIMAL(28,6)), 0) - COALESCE(CAST(s.transform_output AS DECIMAL(28,6)), 0) - COALESCE(CAST(s.recovery AS DECIMAL(28,6)), 0)) * COALESCE(CAST(s.coefficient AS DECIMAL(28,6)), 0)) AS tce FROM sheet s WHERE s.code <> '40' GROUP BY s.subject, s.month) e JOIN made m ON m.subject = e.subject AND m.month = e.month
WHERE e.tce < m.tce
