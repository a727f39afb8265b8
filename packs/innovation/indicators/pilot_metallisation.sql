-- id: innovation.pilot.metallisation
-- title: 中试线金属化率|Pilot line, metallisation
-- unit: %
-- kind: ratio
-- better: up
-- scope: 金属铁÷全铁|Metallic iron over total iron
-- clause: 氢冶金中试运行指标
-- decimals: 2
-- expect: none
-- order: 112
-- article: 全球首套绿电绿氢流化床冶金中试线在我市稳定运行，产出近零碳绿色还原铁产品
SELECT subject, CAST(EXTRACT(YEAR FROM started) * 12 + EXTRACT(MONTH FROM started) - 1 AS INTEGER) AS month, 'num' AS part, metallic_fe * 100 AS num, 'filed' AS source, id AS record, metallic_fe AS quantity, 't' AS quantity_unit, 100 AS scale, "by" = 'sample' AS sample FROM rec_pilot_run
UNION ALL
SELECT subject, CAST(EXTRACT(YEAR FROM started) * 12 + EXTRACT(MONTH FROM started) - 1 AS INTEGER), 'den', total_fe, 'filed', id, total_fe, 't', 1, "by" = 'sample' AS sample FROM rec_pilot_run
