-- id: buildings.green_acceptance_share
-- title: 绿色建筑验收占比|Green buildings in acceptances
-- unit: %
-- kind: ratio
-- better: up
-- scope: 期内竣工的新建民用建筑面积中按绿色建筑（基本级及以上）验收的面积|Completed civil-building area accepted as green (basic or better)
-- clause: GB/T 50378-2019
-- decimals: 2
-- expect: none
-- period: 2024-01..2025-12
-- order: 71
-- article: 新建建筑节能强制性标准执行率、绿色建筑验收占比均实现100%
SELECT subject, CAST(EXTRACT(YEAR FROM accept_day) * 12 + EXTRACT(MONTH FROM accept_day) - 1 AS INTEGER) AS month, 'num' AS part, area_m2 * 100 AS num, 'filed' AS source, use_kind AS carrier, id AS record, area_m2 AS quantity, 'm2' AS quantity_unit, 100 AS scale, "by" = 'sample' AS sample FROM rec_construction_project WHERE accept_day IS NOT NULL AND use_kind IN ('residential', 'public') AND green_accepted
UNION ALL
SELECT subject, CAST(EXTRACT(YEAR FROM accept_day) * 12 + EXTRACT(MONTH FROM accept_day) - 1 AS INTEGER), 'den', area_m2, 'filed', use_kind, id, area_m2, 'm2', 1, "by" = 'sample' AS sample FROM rec_construction_project WHERE accept_day IS NOT NULL AND use_kind IN ('residential', 'public')
