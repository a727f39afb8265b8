-- id: transport.custom_line_load
-- title: 定制专线满载率|Custom lines, load factor
-- unit: %
-- kind: ratio
-- better: up
-- scope: 乘客÷提供座位|Riders over seats offered
-- clause: 城市客运统计
-- decimals: 1
-- expect: none
-- order: 95
-- article: 精准匹配市民出行需求，有效减少私家车出行频次
SELECT subject, month, 'num' AS part, riders * 100 AS num, 'filed' AS source, line AS carrier, id AS record, riders AS quantity, 'rider' AS quantity_unit, 100 AS scale, "by" = 'sample' AS sample FROM rec_custom_line_month
UNION ALL
SELECT subject, month, 'den', seats, 'filed', line, id, seats, 'seat', 1, "by" = 'sample' AS sample FROM rec_custom_line_month
