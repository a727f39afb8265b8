-- id: energy_p205.r01_parts
-- title: 分项与合计|Parts and totals
-- severity: block
-- clause: NBS P205-1; rule R1
-- consumption = industrial + other; industrial >= raw material + transformation input; outside <= purchase; transport <= consumption.
SELECT s.row_no, x.field, CAST(CAST(x.got AS DECIMAL(18,2)) AS VARCHAR) AS value, x.cmp || ' ' || CAST(CAST(x.want AS DECIMAL(18,2)) AS VARCHAR) AS expected,
  COALESCE(c.name_zh, s.code) || '：' || x.zh || '，' || CAST(CAST(x.got AS DECIMAL(18,2)) AS VARCHAR) || ' 对 ' || CAST(CAST(x.want AS DECIMAL(18,2)) AS VARCHAR) || '，相差 ' || CAST(CAST(x.got - x.want AS DECIMAL(18,2)) AS VARCHAR) AS text_zh,
  COALESCE(c.name_en, s.code) || ': ' || x.en || ': ' || CAST(CAST(x.got AS DECIMAL(18,2)) AS VARCHAR) || ' against ' || CAST(CAST(x.want AS DECIMAL(18,2)) AS VARCHAR) || ', ' || CAST(CAST(x.got - x.want AS DECIMAL(18,2)) AS VARCHAR) || ' apart' AS text_en
FROM sheet s JOIN (
  SELECT s.row_no, 'consumption' AS field, '=' AS cmp, COALESCE(CAST(s.consumption AS DECIMAL(28,6)), 0) AS got, COALESCE(CAST(s.industrial AS DECIMAL(28,6)), 0) + COALESCE(CAST(s.non_industrial AS DECIMAL(28,6)), 0) AS want,
    '消费合计应等于工业生产消费＋非工业生产消费' AS zh, 'total consumption must be industrial + other' AS en,
    ABS(COALESCE(CAST(s.consumption AS DECIMAL(28,6)), 0) - COALESCE(CAST(s.industrial AS DECIMAL(28,6)), 0) - COALESCE(CAST(s.non_industrial AS DECIMAL(28,6)), 0)) > 0.02 AS bad FROM sheet s
  UNION ALL
  SELECT s.row_no, 'industrial', '>=', COALESCE(CAST(s.industrial AS DECIMAL(28,6)), 0), COALESCE(CAST(s.raw_material AS DECIMAL(28,6)), 0) + COALESCE(CAST(s.transform_input AS DECIMAL(28,6)), 0),
    '工业生产消费应不小于用于原材料＋加工转换投入', 'industrial consumption must be at least raw material + transformation input',
    COALESCE(CAST(s.industrial AS DECIMAL(28,6)), 0) + 0.02 < COALESCE(CAST(s.raw_material AS DECIMAL(28,6)), 0) + COALESCE(CAST(s.transform_input AS DECIMAL(28,6)), 0) FROM sheet s
  UNION ALL
  SELECT s.row_no, 'purchase_outside', '<=', COALESCE(CAST(s.purchase_outside AS DECIMAL(28,6)), 0), COALESCE(CAST(s.purchase AS DECIMAL(28,6)), 0),
    '购自省外应不大于购进量', 'purchases from outside the province exceed all purchases',
    COALESCE(CAST(s.purchase_outside AS DECIMAL(28,6)), 0) > COALESCE(CAST(s.purchase AS DECIMAL(28,6)), 0) + 0.02 FROM sheet s
  UNION ALL
  SELECT s.row_no, 'transport', '<=', COALESCE(CAST(s.transport AS DECIMAL(28,6)), 0), COALESCE(CAST(s.consumption AS DECIMAL(28,6)), 0),
    '运输工具消费应不大于消费合计', 'transport exceeds total consumption', COALESCE(CAST(s.transport AS DECIMAL(28,6)), 0) > COALESCE(CAST(s.consumption AS DECIMAL(28,6)), 0) + 0.02 FROM sheet s
) x ON x.row_no = s.row_no LEFT JOIN rec_nbs_code c ON c.id = s.code
WHERE x.bad AND s.code <> '40'
