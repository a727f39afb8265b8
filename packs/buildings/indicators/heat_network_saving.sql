-- id: buildings.heat_network_saving
-- title: 管网改造年节热量|Heat saved by renewed network
-- unit: GJ
-- kind: sum
-- better: up
-- scope: Σ 长度×（原热损×老化系数−现热损）×供暖期；实测优先|Sum of length x (loss before x age factor - loss after) x season; measured values first
-- clause: EN 13941; CJJ/T 81
-- decimals: 0
-- expect: none
-- period: 2025-01..2025-12
-- order: 82
-- article: 彻底解决老旧小区管网能耗高、损耗大、供暖不均等问题
-- 1 W/m over 1 km and 1 day = 86,400,000 J = 0.0864 GJ.
SELECT subject, month, CAST(quantity AS DECIMAL(20,8)) * factor_value * 0.0864 AS num, 'filed' AS source, record, quantity, 'W.d/m x km' AS quantity_unit, factor_value, 0.0864 AS scale, sample
FROM (SELECT subject, CAST(EXTRACT(YEAR FROM accepted) * 12 + EXTRACT(MONTH FROM accepted) - 1 AS INTEGER) AS month, id AS record, CAST(CAST(loss_old AS DECIMAL(10,3)) * CAST(age_factor AS DECIMAL(5,3)) - CAST(loss_new AS DECIMAL(10,3)) AS DECIMAL(14,6)) AS quantity,
    CAST(CAST(done_km AS DECIMAL(10,4)) * season_days AS DECIMAL(16,4)) AS factor_value, "by" = 'sample' AS sample FROM rec_heat_network_segment WHERE accepted IS NOT NULL AND done_km IS NOT NULL AND loss_old IS NOT NULL) s
