-- id: buildings.heat_complaints
-- title: 供热投诉率|Heating complaints
-- unit: 件/万户
-- kind: ratio
-- better: down
-- scope: 投诉件数÷供热户数|Complaints over heated households, per 10,000
-- clause: 供热服务统计
-- decimals: 1
-- public: yes
-- expect: none
-- order: 83
-- article: 彻底解决老旧小区管网能耗高、损耗大、供暖不均等问题
SELECT subject, month, 'num' AS part, complaints * 10000 AS num, 'filed' AS source, id AS record, complaints AS quantity, 'complaint' AS quantity_unit, 10000 AS scale, "by" = 'sample' AS sample FROM rec_heat_complaint
UNION ALL
SELECT subject, month, 'den', households, 'filed', id, households, 'household', 1, "by" = 'sample' AS sample FROM rec_heat_complaint
