-- id: people.green_plant_protection_share
-- title: 绿色防控覆盖率|Green plant protection
-- unit: %
-- kind: ratio
-- better: up
-- scope: 绿色防控面积÷防治面积|Area by green means over treated area
-- clause: 绿色防控技术规范
-- decimals: 1
-- expect: none
-- order: 105
-- article: 大力推进科学施肥、绿色植保工作
SELECT subject, month, 'num' AS part, green_ha * 100 AS num, 'filed' AS source, crop AS carrier, id AS record, green_ha AS quantity, 'ha' AS quantity_unit, 100 AS scale, "by" = 'sample' AS sample FROM rec_plant_protection
UNION ALL
SELECT subject, month, 'den', treated_ha, 'filed', crop, id, treated_ha, 'ha', 1, "by" = 'sample' AS sample FROM rec_plant_protection
