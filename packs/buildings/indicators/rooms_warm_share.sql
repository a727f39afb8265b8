-- id: buildings.rooms_warm_share
-- title: 室温达标率|Rooms at 18 degC or more
-- unit: %
-- kind: ratio
-- better: up
-- scope: 室温不低于 18 ℃ 的检测÷全部检测|Readings of 18 degC or more over all readings
-- clause: 辽宁省城市供热条例
-- decimals: 1
-- public: yes
-- expect: none
-- order: 83
-- article: 彻底解决老旧小区管网能耗高、损耗大、供暖不均等问题
SELECT subject, CAST(EXTRACT(YEAR FROM measured) * 12 + EXTRACT(MONTH FROM measured) - 1 AS INTEGER) AS month, 'num' AS part, 100 AS num, 'filed' AS source, place AS carrier, id AS record, 1 AS quantity, 'reading' AS quantity_unit, 100 AS scale, "by" = 'sample' AS sample FROM rec_room_temperature WHERE room_c >= 18
UNION ALL
SELECT subject, CAST(EXTRACT(YEAR FROM measured) * 12 + EXTRACT(MONTH FROM measured) - 1 AS INTEGER), 'den', 1, 'filed', place, id, 1, 'reading', 1, "by" = 'sample' AS sample FROM rec_room_temperature
