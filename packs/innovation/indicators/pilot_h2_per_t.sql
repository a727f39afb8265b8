-- id: innovation.pilot.h2_per_t
-- title: 吨铁耗氢|Pilot line, hydrogen per tonne
-- unit: kg/t
-- kind: ratio
-- better: down
-- scope: 耗氢÷还原铁（理论 54.15 kg/t Fe）|Hydrogen over DRI (54.15 kg per t Fe in theory)
-- clause: 氢冶金中试运行指标
-- decimals: 2
-- expect: none
-- order: 113
-- article: 全球首套绿电绿氢流化床冶金中试线在我市稳定运行，产出近零碳绿色还原铁产品
SELECT subject, CAST(EXTRACT(YEAR FROM started) * 12 + EXTRACT(MONTH FROM started) - 1 AS INTEGER) AS month, 'num' AS part, h2_kg * 1 AS num, 'filed' AS source, id AS record, h2_kg AS quantity, 'kg' AS quantity_unit, 1 AS scale, "by" = 'sample' AS sample FROM rec_pilot_run
UNION ALL
SELECT subject, CAST(EXTRACT(YEAR FROM started) * 12 + EXTRACT(MONTH FROM started) - 1 AS INTEGER), 'den', dri_t, 'filed', id, dri_t, 't', 1, "by" = 'sample' AS sample FROM rec_pilot_run
