-- id: people.green_parcel_share
-- title: 快递绿色包装占比|Green parcels
-- unit: %
-- kind: ratio
-- better: up
-- scope: 绿色或精简包装件数÷全部件数|Parcels with green or reduced packaging over all
-- clause: 邮件快件绿色包装
-- decimals: 1
-- public: yes
-- period: 2025-01..2025-11
-- order: 104
-- article: 在直播电商、网购配送中推广绿色包装、精简包装
SELECT subject, month, 'num' AS part, green_parcels * 100 AS num, 'filed' AS source, company AS carrier, id AS record, green_parcels AS quantity, 'parcel' AS quantity_unit, 100 AS scale, "by" = 'sample' AS sample FROM rec_parcel_month
UNION ALL
SELECT subject, month, 'den', parcels, 'filed', company, id, parcels, 'parcel', 1, "by" = 'sample' AS sample FROM rec_parcel_month
