-- id: transport.shore_power_energy_rate
-- title: 岸电使用率（电量）|Shore power, energy
-- unit: %
-- kind: ratio
-- better: up
-- scope: 岸电电量÷全部靠泊用电需求|Shore kWh over all energy needed at berth
-- clause: 港口船舶岸电
-- decimals: 2
-- expect: none
-- order: 92
-- article: 彻底改变船舶靠港燃油发电的传统模式
SELECT subject, CAST(EXTRACT(YEAR FROM arrived) * 12 + EXTRACT(MONTH FROM arrived) - 1 AS INTEGER) AS month, 'num' AS part, kwh_shore * 100 AS num, 'filed' AS source, berth AS carrier, id AS record, kwh_shore AS quantity, 'kWh' AS quantity_unit, 100 AS scale, "by" = 'sample' AS sample FROM rec_vessel_call
UNION ALL
SELECT subject, CAST(EXTRACT(YEAR FROM arrived) * 12 + EXTRACT(MONTH FROM arrived) - 1 AS INTEGER), 'den', kwh_needed, 'filed', berth, id, kwh_needed, 'kWh', 1, "by" = 'sample' AS sample FROM rec_vessel_call
