-- id: industry.green_transport_share
-- title: 大宗货物绿色运输占比|Green transport of bulk goods
-- unit: %
-- kind: ratio
-- better: up
-- scope: 进出厂大宗货物；铁路、水路、管道、管带、皮带通廊加新能源重卡（宽口径，含新能源汽车）；厂内倒运不计|Bulk goods across the gate; rail, water, pipe, belts and new-energy trucks (wide reading); movements inside the works do not count
-- clause: 环大气〔2019〕35号
-- decimals: 2
-- expect: none
-- each: unit
-- period: 2025-01..2025-11
-- order: 10
-- article: 2025年1—11月，该企业大宗货物绿色运输占比达87.25%；（另一企业）绿色运输占比稳定达到83.30%
-- Each tonne once, by the mode that crosses the gate. Not the 80 % test: that is industry.clean_transport_share.
SELECT subject, month, part, net_t * 100 AS num, 'filed' AS source, mode AS carrier, record, net_t AS quantity, 't' AS quantity_unit, 100 AS scale, sample
FROM (SELECT subject, month, 'num' AS part, net_t, mode, id AS record, "by" = 'sample' AS sample FROM rec_bulk_movement WHERE leg = 'gate' AND mode IN ('rail', 'water', 'pipe', 'tube_belt', 'belt_gallery', 'nev_truck')) n
UNION ALL
SELECT subject, month, 'den', net_t, 'filed', mode, id, net_t, 't', 1, "by" = 'sample' AS sample
FROM rec_bulk_movement WHERE leg = 'gate'
