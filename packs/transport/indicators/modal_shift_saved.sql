-- id: transport.modal_shift_saved
-- title: 公转铁减排|CO2 avoided by the shift to rail
-- unit: tCO2
-- kind: sum
-- better: up
-- scope: 原公路−（铁路＋两端公路），各按自身运距|By road, less by rail and first and last mile, each with its own distance
-- clause: 运输方式转换核算
-- decimals: 0
-- expect: none
-- order: 90
-- article: 大幅降低了长途货运能耗与排放
SELECT r.subject, r.month, CAST(CAST(r.goods_t AS DECIMAL(14,3)) * CAST(r.road_km AS DECIMAL(8,1)) AS DECIMAL(20,4)) * CAST(k.value AS DECIMAL(10,9)) AS num, 'filed' AS source, 'road' AS carrier, r.corridor AS scope, r.id AS record, CAST(CAST(r.goods_t AS DECIMAL(14,3)) * CAST(r.road_km AS DECIMAL(8,1)) AS DECIMAL(20,4)) AS quantity, 'tkm' AS quantity_unit, k.id AS factor, CAST(k.value AS DECIMAL(10,9)) AS factor_value, k.outside, 1 AS sign, r."by" = 'sample' AS sample
FROM rec_modal_shift r JOIN factor_month k ON k.factor = 'ef.freight.road' AND k.month = r.month
UNION ALL
SELECT r.subject, r.month, -1 * CAST(CAST(r.goods_t AS DECIMAL(14,3)) * CAST(r.rail_km AS DECIMAL(8,1)) AS DECIMAL(20,4)) * CAST(k.value AS DECIMAL(10,9)), 'filed', 'rail', r.corridor, r.id, CAST(CAST(r.goods_t AS DECIMAL(14,3)) * CAST(r.rail_km AS DECIMAL(8,1)) AS DECIMAL(20,4)), 'tkm', k.id, CAST(k.value AS DECIMAL(10,9)), k.outside, -1, r."by" = 'sample'
FROM rec_modal_shift r JOIN factor_month k ON k.factor = 'ef.freight.rail' AND k.month = r.month
UNION ALL
SELECT r.subject, r.month, -1 * CAST(CAST(r.goods_t AS DECIMAL(14,3)) * CAST(r.first_last_km AS DECIMAL(8,1)) AS DECIMAL(20,4)) * CAST(k.value AS DECIMAL(10,9)), 'filed', 'road', r.corridor, r.id, CAST(CAST(r.goods_t AS DECIMAL(14,3)) * CAST(r.first_last_km AS DECIMAL(8,1)) AS DECIMAL(20,4)), 'tkm', k.id, CAST(k.value AS DECIMAL(10,9)), k.outside, -1, r."by" = 'sample'
FROM rec_modal_shift r JOIN factor_month k ON k.factor = 'ef.freight.road' AND k.month = r.month
