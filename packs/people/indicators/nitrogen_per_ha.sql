-- id: people.nitrogen_per_ha
-- title: 氮肥施用强度|Nitrogen per hectare
-- unit: kg/ha
-- kind: ratio
-- better: down
-- scope: 折纯氮÷播种面积|Pure nitrogen over sown area
-- clause: 化肥减量
-- decimals: 1
-- expect: none
-- order: 105
-- article: 大力推进科学施肥、绿色植保工作
SELECT subject, month, 'num' AS part, n_t * 1000 AS num, 'filed' AS source, crop AS carrier, id AS record, n_t AS quantity, 't' AS quantity_unit, 1000 AS scale, "by" = 'sample' AS sample FROM rec_farm_fertiliser
UNION ALL
SELECT subject, month, 'den', sown_ha, 'filed', crop, id, sown_ha, 'ha', 1, "by" = 'sample' AS sample FROM rec_farm_fertiliser
