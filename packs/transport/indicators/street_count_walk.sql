-- id: transport.street_count.walk
-- title: 步行计数（日均）|Walking, mean of counted days
-- unit: 人次/日
-- kind: ratio
-- better: up
-- scope: 计数点人次÷计数点日|People over counted place-days
-- clause: 慢行交通调查
-- decimals: 0
-- public: yes
-- expect: none
-- order: 97
-- article: 步行、骑行、公交出行，绿色低碳的交通方式已经深度融入城市运转与群众生活
SELECT subject, CAST(EXTRACT(YEAR FROM day) * 12 + EXTRACT(MONTH FROM day) - 1 AS INTEGER) AS month, 'num' AS part, people AS num, 'filed' AS source, place AS carrier, id AS record, people AS quantity, 'person' AS quantity_unit, "by" = 'sample' AS sample FROM rec_street_count WHERE kind = 'walk'
UNION ALL
SELECT subject, CAST(EXTRACT(YEAR FROM day) * 12 + EXTRACT(MONTH FROM day) - 1 AS INTEGER), 'den', 1, 'filed', place, id, 1, 'place-day', "by" = 'sample' AS sample FROM rec_street_count WHERE kind = 'walk'
