-- id: transport.custom_line_avoided_car_km
-- title: 定制专线避免私家车里程|Car-km avoided by custom lines
-- unit: 车km
-- kind: sum
-- better: up
-- scope: 乘客×原驾车比例×平均乘距|Riders x share who would have driven x mean trip
-- clause: 城市客运统计
-- decimals: 0
-- expect: none
-- order: 96
-- article: 精准匹配市民出行需求，有效减少私家车出行频次
SELECT m.subject, m.month, CAST(m.riders * CAST(l.trip_km AS DECIMAL(8,2)) AS DECIMAL(18,4)) * CAST(k.value AS DECIMAL(9,4)) AS num, 'filed' AS source, l.kind AS carrier, m.id AS record, CAST(m.riders * CAST(l.trip_km AS DECIMAL(8,2)) AS DECIMAL(18,4)) AS quantity, 'pkm' AS quantity_unit, k.id AS factor, CAST(k.value AS DECIMAL(9,4)) AS factor_value, k.outside, m."by" = 'sample' AS sample
FROM rec_custom_line_month m JOIN rec_custom_line l ON l.id = m.line JOIN factor_month k ON k.factor = 'share.car' AND k.month = m.month WHERE l.trip_km IS NOT NULL
