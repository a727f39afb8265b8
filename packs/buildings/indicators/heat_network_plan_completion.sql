-- id: buildings.heat_network_plan_completion
-- title: 供热管网改造计划完成率|Heat network, completion of the plan
-- unit: %
-- kind: ratio
-- better: up
-- scope: 计划年度内验收长度÷年度计划长度；计划与实际分别存储|Accepted length of the plan year over its planned length; plan and actual kept apart
-- clause: 市政管网改造计划
-- decimals: 2
-- expect: none
-- period: 2025-01..2025-12
-- order: 81
-- article: 计划38公里，实际63.56公里（完成167.26%）
SELECT subject, CAST(EXTRACT(YEAR FROM accepted) * 12 + EXTRACT(MONTH FROM accepted) - 1 AS INTEGER) AS month, 'num' AS part, done_km * 100 AS num, 'filed' AS source, id AS record, done_km AS quantity, 'km' AS quantity_unit, 100 AS scale, "by" = 'sample' AS sample FROM rec_heat_network_segment WHERE accepted IS NOT NULL AND done_km IS NOT NULL
UNION ALL
SELECT subject, plan_year * 12, 'den', plan_km, 'filed', id, plan_km, 'km', 1, "by" = 'sample' AS sample FROM rec_heat_network_segment WHERE plan_km > 0
