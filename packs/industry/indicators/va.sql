-- id: industry.va
-- months: alone
-- title: 工业增加值|Industrial value added
-- unit: CNY
-- kind: sum
-- better: up
-- scope: 填报单位合计|Units that filed
-- clause: NBS industrial statistics
-- decimals: 0
-- display: 亿元 0.00000001 | CNY million 0.000001
-- At the price base each record names; constant prices are needed for comparisons between years.
SELECT subject, month, value_added_cny AS num, 'filed' AS source, price_base AS scope, id AS record, value_added_cny AS quantity,
  'CNY' AS quantity_unit
FROM rec_va_monthly
