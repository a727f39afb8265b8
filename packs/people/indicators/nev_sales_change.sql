-- id: people.nev_sales_change
-- title: 新能源汽车零售额同比|Retail of new-energy cars, change
-- unit: %
-- kind: change
-- better: up
-- scope: 限额以上单位，同单位同口径，累计|Units above quota, same units, cumulative
-- clause: 限额以上批零业统计
-- decimals: 1
-- public: yes
-- expect: statistics
-- period: 2025-01..2025-11
-- order: 101
-- article: 新能源汽车零售额稳步增长
SELECT a.subject, a.month, a.value_cny AS num, 'filed' AS source, a.category AS carrier, a.id AS record, a.value_cny AS quantity, 'CNY' AS quantity_unit, a."by" = 'sample' AS sample
FROM rec_appliance_sale a WHERE a.above_quota AND a.category = 'nev_car' AND EXISTS (SELECT 1 FROM rec_appliance_sale b WHERE b.merchant = a.merchant AND b.category = a.category AND COALESCE(b.grade, 0) = COALESCE(a.grade, 0) AND b.above_quota AND (b.month = a.month - 12 OR b.month = a.month + 12))
