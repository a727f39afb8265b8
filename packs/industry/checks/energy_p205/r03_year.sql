-- id: energy_p205.r03_year
-- title: 同比|Year on year
-- severity: explain
-- clause: rule R3
-- More than 50 % against the same month of last year, unless output moved with it.
SELECT s.row_no, 'consumption' AS field, CAST(CAST(s.v AS DECIMAL(18,2)) AS VARCHAR) AS value, CAST(CAST(y.consumption AS DECIMAL(18,2)) AS VARCHAR) AS expected,
  COALESCE(c.name_zh, s.code) || '：消费量 ' || CAST(CAST(s.v AS DECIMAL(18,2)) AS VARCHAR) || '，上年同月 ' || CAST(CAST(y.consumption AS DECIMAL(18,2)) AS VARCHAR) || '，同比 ' || CAST(CAST(100 * (s.v / y.consumption - 1) AS DECIMAL(18,1)) AS VARCHAR)
    || ' %' || CASE WHEN o.r IS NULL THEN '' ELSE '，产量同比 ' || CAST(CAST(100 * (o.r - 1) AS DECIMAL(18,1)) AS VARCHAR) || ' %' END || '，请说明原因' AS text_zh,
  COALESCE(c.name_en, s.code) || ': consumption ' || CAST(CAST(s.v AS DECIMAL(18,2)) AS VARCHAR) || ', same month last year ' || CAST(CAST(y.consumption AS DECIMAL(18,2)) AS VARCHAR) || ', ' || CAST(CAST(100 * (s.v / y.consumption - 1) AS DECIMAL(18,1)) AS VARCHAR)
    || ' %' || CASE WHEN o.r IS NULL THEN '' ELSE ' while output moved ' || CAST(CAST(100 * (o.r - 1) AS DECIMAL(18,1)) AS VARCHAR) || ' %' END || ': say why' AS text_en
FROM (SELECT s.row_no, s.subject, s.month, s.code, COALESCE(CAST(s.consumption AS DECIMAL(28,6)), 0) AS v, COALESCE(CAST(s.consumption AS DECIMAL(28,6)), 0) * COALESCE(CAST(s.coefficient AS DECIMAL(28,6)), 0) AS tce,
    SUM(COALESCE(CAST(s.consumption AS DECIMAL(28,6)), 0) * COALESCE(CAST(s.coefficient AS DECIMAL(28,6)), 0)) OVER (PARTITION BY s.subject, s.month) AS all_tce FROM sheet s WHERE s.code <> '40') s
JOIN rec_energy_p205 y ON y.subject = s.subject AND y.month = s.month - 12 AND y.code = s.code
LEFT JOIN rec_nbs_code c ON c.id = s.code
LEFT JOIN (SELECT a.subject, a.month, SUM(a.quantity) / SUM(b.quantity) AS r FROM rec_output_monthly a JOIN rec_output_monthly b
  ON b.subject = a.subject AND b.product = a.product AND b.month = a.month - 12 GROUP BY a.subject, a.month HAVING SUM(b.quantity) > 0) o
  ON o.subject = s.subject AND o.month = s.month
WHERE s.tce > 0.01 * s.all_tce AND y.consumption > 0 AND ABS(s.v - y.consumption) > 0.5 * y.consumption
  AND NOT (o.r IS NOT NULL AND o.r > 0 AND ABS(s.v - y.consumption * o.r) <= 0.5 * y.consumption * o.r)
