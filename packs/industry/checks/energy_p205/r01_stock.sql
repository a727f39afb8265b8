-- id: energy_p205.r01_stock
-- title: 库存平衡|Stock identity
-- severity: block
-- clause: NBS P205-1; rule R1
-- closing = opening + purchase + transformation output + recovery - consumption - dispatched + gain or loss, to 0.02 of the unit.
SELECT s.row_no, 'closing_stock' AS field, CAST(CAST(x.got AS DECIMAL(18,2)) AS VARCHAR) AS value, CAST(CAST(x.want AS DECIMAL(18,2)) AS VARCHAR) AS expected,
  COALESCE(c.name_zh, s.code) || '：期末库存 ' || CAST(CAST(x.got AS DECIMAL(18,2)) AS VARCHAR) || '，按期初＋购进＋产出＋回收－消费－拨出±盘盈亏应为 ' || CAST(CAST(x.want AS DECIMAL(18,2)) AS VARCHAR)
    || '，相差 ' || CAST(CAST(x.got - x.want AS DECIMAL(18,2)) AS VARCHAR) || ' ' || COALESCE(c.unit_zh, '') AS text_zh,
  COALESCE(c.name_en, s.code) || ': closing stock ' || CAST(CAST(x.got AS DECIMAL(18,2)) AS VARCHAR) || ', but opening + purchase + output + recovery - consumption - dispatched +- gain/loss is '
    || CAST(CAST(x.want AS DECIMAL(18,2)) AS VARCHAR) || ': ' || CAST(CAST(x.got - x.want AS DECIMAL(18,2)) AS VARCHAR) || ' ' || COALESCE(c.unit, '') || ' apart' AS text_en
FROM sheet s JOIN (SELECT s.row_no, COALESCE(CAST(s.closing_stock AS DECIMAL(28,6)), 0) AS got, COALESCE(CAST(s.opening_stock AS DECIMAL(28,6)), 0) + COALESCE(CAST(s.purchase AS DECIMAL(28,6)), 0) + COALESCE(CAST(s.transform_output AS DECIMAL(28,6)), 0) + COALESCE(CAST(s.recovery AS DECIMAL(28,6)), 0) - COALESCE(CAST(s.consumption AS DECIMAL(28,6)), 0) - COALESCE(CAST(s.dispatched AS DECIMAL(28,6)), 0) + COALESCE(CAST(s.gain_loss AS DECIMAL(28,6)), 0) AS want FROM sheet s) x ON x.row_no = s.row_no
LEFT JOIN rec_nbs_code c ON c.id = s.code
WHERE s.code <> '40' AND ABS(x.got - x.want) > 0.02
