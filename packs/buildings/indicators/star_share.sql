-- id: buildings.star_share
-- title: 星级绿色建筑占比|Star-rated share of green starts
-- unit: %
-- kind: ratio
-- better: up
-- scope: 民用绿色建筑新开工：一星及以上面积÷新开工绿色建筑面积|green civil starts: one star or more over green starts
-- clause: GB/T 50378-2019
-- decimals: 2
-- public: yes
-- series: scope
-- expect: none
-- period: 2025-01..2025-12
-- order: 73
-- article: 星级绿色建筑占比超56%
SELECT subject, CAST(EXTRACT(YEAR FROM permit) * 12 + EXTRACT(MONTH FROM permit) - 1 AS INTEGER) AS month, 'num' AS part, area_m2 * 100 AS num, 'filed' AS source, 'starts.civil' AS scope, id AS record, area_m2 AS quantity, 'm2' AS quantity_unit, 100 AS scale, "by" = 'sample' AS sample
FROM rec_construction_project WHERE permit IS NOT NULL AND use_kind IN ('residential', 'public') AND green_design AND stars >= 1
UNION ALL
SELECT subject, CAST(EXTRACT(YEAR FROM permit) * 12 + EXTRACT(MONTH FROM permit) - 1 AS INTEGER), 'den', area_m2, 'filed', 'starts.civil', id, area_m2, 'm2', 1, "by" = 'sample' AS sample FROM rec_construction_project WHERE permit IS NOT NULL AND use_kind IN ('residential', 'public') AND green_design
