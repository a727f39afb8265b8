-- id: transport.rail_sea_teu
-- title: 海铁联运集装箱|Rail-sea containers
-- unit: TEU
-- kind: sum
-- better: up
-- scope: 港口海铁联运，海侧与铁路侧只计一次；20 ft=1、40 ft=2、45 ft=2.25，含空箱|Boxes between rail and ship at the port, counted once; 20 ft = 1, 40 ft = 2, 45 ft = 2.25, empties too
-- clause: 港口统计
-- decimals: 0
-- display: 万 TEU 0.0001 | 10^4 TEU 0.0001
-- period: 2025-01..2025-11
-- order: 90
-- article: 2025年1—11月，营口港海铁联运集装箱运量达84万TEU，同比增长6.58%
SELECT subject, month, CAST(boxes AS DECIMAL(18,0)) * CAST(CASE size_ft WHEN 20 THEN 1 WHEN 40 THEN 2 ELSE 2.25 END AS DECIMAL(6,2)) AS num, 'filed' AS source, corridor AS carrier, id AS record, boxes AS quantity, 'box' AS quantity_unit, CAST(CASE size_ft WHEN 20 THEN 1 WHEN 40 THEN 2 ELSE 2.25 END AS DECIMAL(6,2)) AS factor_value, "by" = 'sample' AS sample
FROM rec_rail_sea_container
