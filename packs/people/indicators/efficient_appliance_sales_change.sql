-- id: people.efficient_appliance_sales_change
-- title: 高能效家电零售额同比|Retail of efficient appliances, change
-- unit: %
-- kind: change
-- better: up
-- scope: 限额以上单位 1、2 级能效家电零售额，同单位同口径，累计（1—2月合并）；是增速，不是占比|Retail of grade 1 and 2 appliances by units above quota, same units, cumulative; growth, not a share
-- clause: 限额以上批零业统计
-- decimals: 1
-- public: yes
-- expect: statistics
-- period: 2025-01..2025-11
-- order: 100
-- article: 2025年1—11月，全市限额以上单位1级、2级高能效家电零售额同比增长91.9%
SELECT a.subject, a.month, a.value_cny AS num, 'filed' AS source, a.category AS carrier, a.id AS record, a.value_cny AS quantity, 'CNY' AS quantity_unit, a."by" = 'sample' AS sample
FROM rec_appliance_sale a WHERE a.above_quota AND a.grade IN (1, 2) AND EXISTS (SELECT 1 FROM rec_appliance_sale b WHERE b.merchant = a.merchant AND b.category = a.category AND COALESCE(b.grade, 0) = COALESCE(a.grade, 0) AND b.above_quota AND (b.month = a.month - 12 OR b.month = a.month + 12))
