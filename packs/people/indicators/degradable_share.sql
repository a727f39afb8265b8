-- id: people.degradable_share
-- title: 可降解包装占比|Degradable packaging in catering
-- unit: %
-- kind: ratio
-- better: up
-- scope: 可降解或可循环包装÷全部包装|Degradable or reusable over all packages
-- clause: 反食品浪费; 塑料污染治理
-- decimals: 1
-- period: 2025-01..2025-11
-- order: 103
-- article: 全面淘汰一次性不可降解塑料制品，普遍使用可循环、可降解包装材料
SELECT subject, month, 'num' AS part, degradable * 100 AS num, 'filed' AS source, merchant AS carrier, id AS record, degradable AS quantity, 'package' AS quantity_unit, 100 AS scale, "by" = 'sample' AS sample FROM rec_catering_month
UNION ALL
SELECT subject, month, 'den', packages, 'filed', merchant, id, packages, 'package', 1, "by" = 'sample' AS sample FROM rec_catering_month
