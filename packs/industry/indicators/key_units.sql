-- id: industry.key_units
-- title: 重点用能单位数|Key energy-using units
-- unit: 户
-- kind: stock
-- better: none
-- scope: 名录内在册单位（列入计 1，移出计 −1）|Units on the list in force (listed +1, taken off -1)
-- clause: 重点用能单位节能管理办法
-- decimals: 0
-- expect: none
-- period: 2025-12
-- order: 30
-- article: 全市123户重点用能单位节能监察全覆盖
SELECT subject, CAST(EXTRACT(YEAR FROM listed) * 12 + EXTRACT(MONTH FROM listed) - 1 AS INTEGER) AS month, 1 AS num, 'filed' AS source, list_version AS carrier, id AS record, 1 AS quantity, 'unit' AS quantity_unit, 1 AS sign, "by" = 'sample' AS sample FROM rec_key_unit
UNION ALL
SELECT subject, CAST(EXTRACT(YEAR FROM delisted) * 12 + EXTRACT(MONTH FROM delisted) - 1 AS INTEGER), -1, 'filed', list_version, id, 1, 'unit', -1, "by" = 'sample' AS sample FROM rec_key_unit WHERE delisted IS NOT NULL
