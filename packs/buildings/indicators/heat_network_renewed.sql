-- id: buildings.heat_network_renewed
-- title: 供热管网改造长度|Heat network renewed
-- unit: km
-- kind: sum
-- better: up
-- scope: 期内验收的沟槽长度（供回水按单程计一次），含计划外|Trench length accepted in the period, single route, beyond the plan too
-- clause: 市政管网改造计划
-- decimals: 2
-- public: yes
-- expect: none
-- period: 2025-01..2025-12
-- order: 80
-- article: 2025年计划改造管网38公里，实际超额完成63.56公里
SELECT subject, CAST(EXTRACT(YEAR FROM accepted) * 12 + EXTRACT(MONTH FROM accepted) - 1 AS INTEGER) AS month, done_km AS num, 'filed' AS source, 'DN ' || CAST(dn AS VARCHAR) AS carrier, id AS record, done_km AS quantity, 'km' AS quantity_unit, "by" = 'sample' AS sample
FROM rec_heat_network_segment WHERE accepted IS NOT NULL AND done_km IS NOT NULL
