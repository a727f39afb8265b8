-- id: industry.clean_transport_share
-- title: 清洁方式运输比例|Clean-mode transport of bulk goods
-- unit: %
-- kind: ratio
-- better: up
-- scope: 进出厂大宗货物；铁路、水路、管道、管带、皮带通廊，不含任何汽车（超低排放 80 % 要求的口径）|Bulk goods across the gate; rail, water, pipe, belts, no trucks at all (the 80 % rule)
-- clause: 环大气〔2019〕35号
-- decimals: 2
-- expect: none
-- each: unit
-- period: 2025-01..2025-11
-- order: 11
-- article: （文中未给出；与绿色运输占比不是同一指标）
-- Below 80 % a works still complies when all remaining road tonnes are new-energy or 国六 trucks (rule clean_transport_compliance).
SELECT subject, month, part, net_t * 100 AS num, 'filed' AS source, mode AS carrier, record, net_t AS quantity, 't' AS quantity_unit, 100 AS scale, sample
FROM (SELECT subject, month, 'num' AS part, net_t, mode, id AS record, "by" = 'sample' AS sample FROM rec_bulk_movement WHERE leg = 'gate' AND mode IN ('rail', 'water', 'pipe', 'tube_belt', 'belt_gallery')) n
UNION ALL
SELECT subject, month, 'den', net_t, 'filed', mode, id, net_t, 't', 1, "by" = 'sample' AS sample
FROM rec_bulk_movement WHERE leg = 'gate'
