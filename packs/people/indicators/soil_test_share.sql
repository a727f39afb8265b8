-- id: people.soil_test_share
-- title: 测土配方施肥占比|Area fertilised by soil test
-- unit: %
-- kind: ratio
-- better: up
-- scope: 测土配方面积÷播种面积|Area by soil test over sown area
-- clause: 测土配方施肥
-- decimals: 1
-- public: yes
-- expect: none
SELECT subject, month, 'num' AS part, soil_tested_ha * 100 AS num, 'filed' AS source, crop AS carrier, id AS record, soil_tested_ha AS quantity, 'ha' AS quantity_unit, 100 AS scale, "by" = 'sample' AS sample FROM rec_farm_fertiliser
UNION ALL
SELECT subject, month, 'den', sown_ha, 'filed', crop, id, sown_ha, 'ha', 1, "by" = 'sample' AS sample FROM rec_farm_fertiliser
