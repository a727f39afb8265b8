-- id: energy_p205.r02_negative
-- title: 负数|Negative amounts
-- severity: block
-- clause: NBS P205-1; rule R2
SELECT x.row_no, x.field, CAST(CAST(x.v AS DECIMAL(18,2)) AS VARCHAR) AS value, '>= 0' AS expected,
  COALESCE(c.name_zh, s.code) || '：数值 ' || CAST(CAST(x.v AS DECIMAL(18,2)) AS VARCHAR) || ' 为负，实物量与库存不能小于零' AS text_zh,
  COALESCE(c.name_en, s.code) || ': ' || CAST(CAST(x.v AS DECIMAL(18,2)) AS VARCHAR) || ' is negative; an amount or a stock cannot be' AS text_en
FROM (
  SELECT s.row_no, 'opening_stock' AS field, s.opening_stock AS v FROM sheet s UNION ALL
  SELECT s.row_no, 'purchase' AS field, s.purchase AS v FROM sheet s UNION ALL
  SELECT s.row_no, 'purchase_outside' AS field, s.purchase_outside AS v FROM sheet s UNION ALL
  SELECT s.row_no, 'purchase_value' AS field, s.purchase_value AS v FROM sheet s UNION ALL
  SELECT s.row_no, 'consumption' AS field, s.consumption AS v FROM sheet s UNION ALL
  SELECT s.row_no, 'industrial' AS field, s.industrial AS v FROM sheet s UNION ALL
  SELECT s.row_no, 'raw_material' AS field, s.raw_material AS v FROM sheet s UNION ALL
  SELECT s.row_no, 'non_industrial' AS field, s.non_industrial AS v FROM sheet s UNION ALL
  SELECT s.row_no, 'transport' AS field, s.transport AS v FROM sheet s UNION ALL
  SELECT s.row_no, 'transform_input' AS field, s.transform_input AS v FROM sheet s UNION ALL
  SELECT s.row_no, 'transform_output' AS field, s.transform_output AS v FROM sheet s UNION ALL
  SELECT s.row_no, 'recovery' AS field, s.recovery AS v FROM sheet s UNION ALL
  SELECT s.row_no, 'dispatched' AS field, s.dispatched AS v FROM sheet s UNION ALL
  SELECT s.row_no, 'closing_stock' AS field, s.closing_stock AS v FROM sheet s
) x JOIN sheet s ON s.row_no = x.row_no LEFT JOIN rec_nbs_code c ON c.id = s.code
WHERE x.v < 0
