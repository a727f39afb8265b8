-- id: innovation.pilot.co2_per_t
-- title: 吨铁碳排放|Pilot line, CO2 per tonne
-- unit: t/t
-- kind: ratio
-- better: down
-- scope: （非绿电×电网因子＋化石燃气）÷还原铁，绿电按逐时匹配|(electricity not green x grid factor + fossil gas) over DRI, green power matched hourly
-- clause: 氢冶金中试运行指标; GB/T 32150
-- decimals: 3
-- expect: none
-- order: 117
-- article: 全球首套绿电绿氢流化床冶金中试线在我市稳定运行，产出近零碳绿色还原铁产品
SELECT r.subject, CAST(EXTRACT(YEAR FROM r.started) * 12 + EXTRACT(MONTH FROM r.started) - 1 AS INTEGER) AS month, 'num' AS part, CAST(r.electrolysis_kwh + r.other_kwh - r.green_hourly_kwh AS DECIMAL(18,3)) * CAST(k.value AS DECIMAL(14,9)) AS num, 'filed' AS source, 'electricity' AS carrier, r.id AS record,
  CAST(r.electrolysis_kwh + r.other_kwh - r.green_hourly_kwh AS DECIMAL(18,3)) AS quantity, 'kWh' AS quantity_unit, k.id AS factor, CAST(k.value AS DECIMAL(14,9)) AS factor_value, k.outside, 1 AS scale, r."by" = 'sample' AS sample
FROM rec_pilot_run r JOIN factor_month k ON k.factor = 'ef.grid.CN-LN' AND k.month = CAST(EXTRACT(YEAR FROM r.started) * 12 + EXTRACT(MONTH FROM r.started) - 1 AS INTEGER)
UNION ALL
SELECT r.subject, CAST(EXTRACT(YEAR FROM r.started) * 12 + EXTRACT(MONTH FROM r.started) - 1 AS INTEGER), 'num', CAST(r.fossil_gas_m3 AS DECIMAL(18,3)) * CAST(k.value AS DECIMAL(14,9)), 'filed', 'natural_gas', r.id, CAST(r.fossil_gas_m3 AS DECIMAL(18,3)), 'm3', k.id, CAST(k.value AS DECIMAL(14,9)), k.outside, 1, r."by" = 'sample'
FROM rec_pilot_run r JOIN factor_month k ON k.factor = 'ef.natural_gas' AND k.month = CAST(EXTRACT(YEAR FROM r.started) * 12 + EXTRACT(MONTH FROM r.started) - 1 AS INTEGER)
UNION ALL
SELECT subject, CAST(EXTRACT(YEAR FROM started) * 12 + EXTRACT(MONTH FROM started) - 1 AS INTEGER), 'den', dri_t, 'filed', CAST(NULL AS VARCHAR), id, dri_t, 't', CAST(NULL AS VARCHAR), CAST(NULL AS DECIMAL(14,9)), FALSE, 1, "by" = 'sample' AS sample FROM rec_pilot_run
