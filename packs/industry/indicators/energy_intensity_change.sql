-- id: industry.energy_intensity_change
-- title: 单位工业增加值能耗同比|Change of energy per value added
-- unit: %
-- kind: change
-- better: down
-- scope: 规上工业能耗÷可比价增加值，100×((1+gE)/(1+gVA)−1)；不是单位 GDP 能耗，也不是碳强度|Energy over value added at constant prices, above scale only; neither per GDP nor CO2
-- clause: 国家统计局 定报
-- decimals: 1
-- public: yes
-- expect: statistics
-- period: 2025-01..2025-11
-- order: 51
-- article: 工业增加值能耗同比下降5.6%
SELECT subject, month, 'num' AS part, energy_tce AS num, 'filed' AS source, id AS record, energy_tce AS quantity, 'tce' AS quantity_unit, "by" = 'sample' AS sample FROM rec_above_scale_stat
UNION ALL
SELECT subject, month, 'den', value_added_wan, 'filed', id, value_added_wan, '10^4 CNY', "by" = 'sample' AS sample FROM rec_above_scale_stat
