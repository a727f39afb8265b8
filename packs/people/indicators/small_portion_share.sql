-- id: people.small_portion_share
-- title: 小份菜占比|Small portions
-- unit: %
-- kind: ratio
-- better: up
-- scope: 小份、半份÷售出菜品|Small and half portions over dishes sold
-- clause: 反食品浪费; 塑料污染治理
-- decimals: 1
-- public: yes
-- period: 2025-01..2025-11
-- order: 102
-- article: 主动推行小份菜、半份菜、按需点餐服务
SELECT subject, month, 'num' AS part, small_dishes * 100 AS num, 'filed' AS source, merchant AS carrier, id AS record, small_dishes AS quantity, 'dish' AS quantity_unit, 100 AS scale, "by" = 'sample' AS sample FROM rec_catering_month
UNION ALL
SELECT subject, month, 'den', dishes, 'filed', merchant, id, dishes, 'dish', 1, "by" = 'sample' AS sample FROM rec_catering_month
