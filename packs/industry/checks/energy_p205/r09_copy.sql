-- id: energy_p205.r09_copy
-- title: 照抄上月|Copied from last month
-- severity: explain
-- clause: rule R9
-- Purchase and consumption the same as last month to the last digit, with four significant digits or more.
SELECT s.row_no, 'purchase' AS field, CAST(CAST(s.purchase AS DECIMAL(18,2)) AS VARCHAR) AS value, NULL AS expected,
  COALESCE(c.name_zh, s.code) || '：购进 ' || CAST(CAST(s.purchase AS DECIMAL(18,2)) AS VARCHAR) || '、消费 ' || CAST(CAST(s.consumption AS DECIMAL(18,2)) AS VARCHAR) || ' 与上月逐位相同' AS text_zh,
  COALESCE(c.name_en, s.code) || ': purchase ' || CAST(CAST(s.purchase AS DECIMAL(18,2)) AS VARCHAR) || ' and consumption ' || CAST(CAST(s.consumption AS DECIMAL(18,2)) AS VARCHAR) || ' are those of last month to the last digit' AS text_en
FROM sheet s JOIN rec_energy_p205 h ON h.subject = s.subject AND h.month = s.month - 1 AND h.code = s.code
LEFT JOIN rec_nbs_code c ON c.id = s.code
WHERE s.code <> '40' AND s.purchase > 0 AND s.purchase = h.purchase AND s.consumption = h.consumption
  AND length(rtrim(ltrim(replace(CAST(h.purchase AS VARCHAR), '.', ''), '0'), '0')) >= 4
