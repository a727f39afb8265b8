-- id: buildings.prefab_starts_area
-- title: 新开工装配式建筑面积|Prefabricated starts
-- unit: m2
-- kind: sum
-- better: up
-- scope: 全部建筑新开工：期内取得施工许可的全部建筑中装配率 ≥ 50 %|all starts: all starts with a prefabrication rate of 50 % or more
-- clause: GB/T 51129-2017
-- decimals: 0
-- public: yes
-- display: 万㎡ 0.0001 | 10^4 m2 0.0001
-- series: scope
-- expect: none
-- period: 2025-01..2025-09
-- order: 74
-- article: 仅2025年前三季度，全市新开工装配式建筑面积达29.95万平方米
SELECT subject, CAST(EXTRACT(YEAR FROM permit) * 12 + EXTRACT(MONTH FROM permit) - 1 AS INTEGER) AS month, area_m2 AS num, 'filed' AS source, use_kind AS carrier, 'starts.all' AS scope, id AS record, area_m2 AS quantity, 'm2' AS quantity_unit, "by" = 'sample' AS sample
FROM rec_construction_project WHERE permit IS NOT NULL AND prefab_rate >= 50
