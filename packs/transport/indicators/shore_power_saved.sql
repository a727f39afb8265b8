-- id: transport.shore_power_saved
-- title: 岸电减排|CO2 avoided by shore power
-- unit: tCO2
-- kind: sum
-- better: up
-- scope: 岸电电量×辅机油耗×船用油因子−岸电电量×电网因子；列示于清单之外|kWh x specific fuel x fuel factor, less kWh x grid factor; beside the inventory
-- clause: IMO Fourth GHG Study
-- decimals: 1
-- expect: none
-- order: 93
-- article: 彻底改变船舶靠港燃油发电的传统模式
-- 0.000217 t/kWh: specific fuel consumption of auxiliary engines, factor ship.sfoc.
SELECT v.subject, CAST(EXTRACT(YEAR FROM v.arrived) * 12 + EXTRACT(MONTH FROM v.arrived) - 1 AS INTEGER) AS month, CAST(v.kwh_shore AS DECIMAL(14,3)) * CAST(k.value AS DECIMAL(9,4)) * 0.000217 AS num, 'filed' AS source, 'mgo' AS carrier, v.id AS record, CAST(v.kwh_shore AS DECIMAL(14,3)) AS quantity, 'kWh' AS quantity_unit, k.id AS factor, CAST(k.value AS DECIMAL(9,4)) AS factor_value, k.outside, 0.000217 AS scale, 1 AS sign, v."by" = 'sample' AS sample
FROM rec_vessel_call v JOIN factor_month k ON k.factor = 'ef.mgo' AND k.month = CAST(EXTRACT(YEAR FROM v.arrived) * 12 + EXTRACT(MONTH FROM v.arrived) - 1 AS INTEGER) WHERE v.kwh_shore > 0
UNION ALL
SELECT v.subject, CAST(EXTRACT(YEAR FROM v.arrived) * 12 + EXTRACT(MONTH FROM v.arrived) - 1 AS INTEGER), -1 * CAST(v.kwh_shore AS DECIMAL(14,3)) * CAST(k.value AS DECIMAL(10,9)), 'filed', 'electricity', v.id, CAST(v.kwh_shore AS DECIMAL(14,3)), 'kWh', k.id, CAST(k.value AS DECIMAL(10,9)), k.outside, 1, -1, v."by" = 'sample'
FROM rec_vessel_call v JOIN factor_month k ON k.factor = 'ef.grid.CN-LN' AND k.month = CAST(EXTRACT(YEAR FROM v.arrived) * 12 + EXTRACT(MONTH FROM v.arrived) - 1 AS INTEGER) WHERE v.kwh_shore > 0
