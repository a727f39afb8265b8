-- id: energy_p205.r07_carbon
-- title: 能源与碳报告一致|Energy against the carbon report
-- severity: explain
-- clause: GB/T 32150-2015; rule R7
-- The same unit burns the same fuel in both reports: 0.5 % is left for rounding.
SELECT s.row_no, 'consumption' AS field, CAST(CAST(COALESCE(CAST(s.consumption AS DECIMAL(28,6)), 0) AS DECIMAL(18,2)) AS VARCHAR) AS value, CAST(CAST(d.quantity / c.per_unit AS DECIMAL(18,2)) AS VARCHAR) AS expected,
  c.name_zh || '：能源报表消费 ' || CAST(CAST(COALESCE(CAST(s.consumption AS DECIMAL(28,6)), 0) AS DECIMAL(18,2)) AS VARCHAR) || ' ' || c.unit_zh || '，碳排放报告 ' || CAST(CAST(d.quantity / c.per_unit AS DECIMAL(18,2)) AS VARCHAR) || '，相差 '
    || CAST(CAST(100 * (COALESCE(CAST(s.consumption AS DECIMAL(28,6)), 0) * c.per_unit / d.quantity - 1) AS DECIMAL(18,1)) AS VARCHAR) || ' %' AS text_zh,
  c.name_en || ': energy form ' || CAST(CAST(COALESCE(CAST(s.consumption AS DECIMAL(28,6)), 0) AS DECIMAL(18,2)) AS VARCHAR) || ' ' || c.unit || ', carbon report ' || CAST(CAST(d.quantity / c.per_unit AS DECIMAL(18,2)) AS VARCHAR) || ': '
    || CAST(CAST(100 * (COALESCE(CAST(s.consumption AS DECIMAL(28,6)), 0) * c.per_unit / d.quantity - 1) AS DECIMAL(18,1)) AS VARCHAR) || ' % apart' AS text_en
FROM sheet s JOIN rec_nbs_code c ON c.id = s.code
JOIN rec_carbon_report_monthly d ON d.subject = s.subject AND d.month = s.month AND d.carrier = c.carrier
WHERE d.quantity > 0 AND ABS(COALESCE(CAST(s.consumption AS DECIMAL(28,6)), 0) * c.per_unit - d.quantity) > 0.005 * d.quantity
