-- id: innovation.lab_members
-- title: 降碳实验室群成员企业|Firms in the laboratories
-- unit: 家
-- kind: stock
-- better: up
-- scope: 在册成员企业，一家多室只计一次（以最早加入计）|Member firms; one firm in several laboratories counts once, from when it first joined
-- clause: 科技计划立项
-- decimals: 0
-- expect: none
-- period: 2025-12
-- order: 110
-- article: 全市20余家重点企业深度融入辽宁省工业降碳实验室群
SELECT subject, CAST(EXTRACT(YEAR FROM day) * 12 + EXTRACT(MONTH FROM day) - 1 AS INTEGER) AS month, 1 AS num, 'filed' AS source, record, 1 AS quantity, 'firm' AS quantity_unit, 1 AS sign, "by" = 'sample' AS sample
FROM (SELECT member, MIN(subject) AS subject, MIN(joined) AS day, MIN(id) AS record, MAX("by") AS "by" FROM rec_lab_member GROUP BY member) f
UNION ALL
SELECT subject, CAST(EXTRACT(YEAR FROM day) * 12 + EXTRACT(MONTH FROM day) - 1 AS INTEGER), -1, 'filed', record, 1, 'firm', -1, "by" = 'sample' AS sample
FROM (SELECT member, MIN(subject) AS subject, MAX(left_on) AS day, MIN(id) AS record, MAX("by") AS "by" FROM rec_lab_member GROUP BY member HAVING COUNT(left_on) = COUNT(*)) g
