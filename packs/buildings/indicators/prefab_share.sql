-- id: buildings.prefab_share
-- title: 装配式建筑占新开工比例|Prefabricated share of starts
-- unit: %
-- kind: ratio
-- better: up
-- scope: 全部建筑新开工：装配率 ≥ 50 % 的面积÷全部新开工面积（居住、公共、工业）|all starts: prefabricated over all starts (residential, public, industrial)
-- clause: GB/T 51129-2017
-- decimals: 1
-- public: yes
-- series: scope
-- expect: none
-- period: 2025-01..2025-09
-- order: 75
-- article: 占新开工总面积的38.7%
SELECT subject, CAST(EXTRACT(YEAR FROM permit) * 12 + EXTRACT(MONTH FROM permit) - 1 AS INTEGER) AS month, 'num' AS part, area_m2 * 100 AS num, 'filed' AS source, 'starts.all' AS scope, id AS record, area_m2 AS quantity, 'm2' AS quantity_unit, 100 AS scale, "by" = 'sample' AS sample
FROM rec_construction_project WHERE permit IS NOT NULL AND prefab_rate >= 50
UNION ALL
SELECT subject, CAST(EXTRACT(YEAR FROM permit) * 12 + EXTRACT(MONTH FROM permit) - 1 AS INTEGER), 'den', area_m2, 'filed', 'starts.all', id, area_m2, 'm2', 1, "by" = 'sample' AS sample FROM rec_construction_project WHERE permit IS NOT NULL
