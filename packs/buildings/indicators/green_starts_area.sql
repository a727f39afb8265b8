-- id: buildings.green_starts_area
-- title: 新开工绿色建筑面积|Green building starts
-- unit: m2
-- kind: sum
-- better: up
-- scope: 民用绿色建筑新开工：期内取得施工许可、按绿色建筑设计的民用建筑；不可与全部建筑新开工相除|green civil starts: civil buildings with a permit in the period and green design; not to be divided by all starts
-- clause: 辽宁省绿色建筑条例
-- decimals: 0
-- public: yes
-- display: 万㎡ 0.0001 | 10^4 m2 0.0001
-- series: scope
-- expect: none
-- period: 2025-01..2025-12
-- order: 72
-- article: 2025年全市新开工绿色建筑面积41.32万平方米
SELECT subject, CAST(EXTRACT(YEAR FROM permit) * 12 + EXTRACT(MONTH FROM permit) - 1 AS INTEGER) AS month, area_m2 AS num, 'filed' AS source, use_kind AS carrier, 'starts.civil' AS scope, id AS record, area_m2 AS quantity, 'm2' AS quantity_unit, "by" = 'sample' AS sample
FROM rec_construction_project WHERE permit IS NOT NULL AND use_kind IN ('residential', 'public') AND green_design
