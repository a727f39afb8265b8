-- id: innovation.pilot.green_power_annual
-- title: 绿电占比（年度）|Pilot line, green power by the year
-- unit: %
-- kind: ratio
-- better: up
-- scope: 年度绿电量÷全部用电|Green power by annual sum over all electricity
-- clause: 氢冶金中试运行指标
-- decimals: 2
-- expect: none
-- order: 116
-- article: 全球首套绿电绿氢流化床冶金中试线在我市稳定运行，产出近零碳绿色还原铁产品
SELECT subject, CAST(EXTRACT(YEAR FROM started) * 12 + EXTRACT(MONTH FROM started) - 1 AS INTEGER) AS month, 'num' AS part, green_annual_kwh * 100 AS num, 'filed' AS source, id AS record, green_annual_kwh AS quantity, 'kWh' AS quantity_unit, 100 AS scale, "by" = 'sample' AS sample FROM rec_pilot_run
UNION ALL
SELECT subject, CAST(EXTRACT(YEAR FROM started) * 12 + EXTRACT(MONTH FROM started) - 1 AS INTEGER), 'den', (electrolysis_kwh + other_kwh), 'filed', id, (electrolysis_kwh + other_kwh), 'kWh', 1, "by" = 'sample' AS sample FROM rec_pilot_run
