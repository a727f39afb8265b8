-- id: innovation.pilot.kwh_per_h2
-- title: 制氢电耗|Pilot line, electricity of hydrogen
-- unit: kWh/kg
-- kind: ratio
-- better: down
-- scope: 制氢用电÷耗氢|Electrolysis electricity over hydrogen
-- clause: 氢冶金中试运行指标
-- decimals: 2
-- expect: none
-- order: 114
-- article: 全球首套绿电绿氢流化床冶金中试线在我市稳定运行，产出近零碳绿色还原铁产品
SELECT subject, CAST(EXTRACT(YEAR FROM started) * 12 + EXTRACT(MONTH FROM started) - 1 AS INTEGER) AS month, 'num' AS part, electrolysis_kwh * 1 AS num, 'filed' AS source, id AS record, electrolysis_kwh AS quantity, 'kWh' AS quantity_unit, 1 AS scale, "by" = 'sample' AS sample FROM rec_pilot_run
UNION ALL
SELECT subject, CAST(EXTRACT(YEAR FROM started) * 12 + EXTRACT(MONTH FROM started) - 1 AS INTEGER), 'den', h2_kg, 'filed', id, h2_kg, 'kg', 1, "by" = 'sample' AS sample FROM rec_pilot_run
