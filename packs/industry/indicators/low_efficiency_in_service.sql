-- id: industry.low_efficiency_in_service
-- title: 在用低效设备|Low-efficiency equipment in service
-- unit: 台
-- kind: stock
-- better: down
-- scope: 排查认定的低效设备减已更换|Found low-efficiency less replaced
-- clause: GB 18613-2020; GB 20052
-- decimals: 0
-- expect: none
-- order: 61
-- article: 排查低效用能设备，倒逼企业提质降耗
SELECT subject, CAST(EXTRACT(YEAR FROM seen) * 12 + EXTRACT(MONTH FROM seen) - 1 AS INTEGER) AS month, 1 AS num, 'filed' AS source, kind AS carrier, id AS record, 1 AS quantity, 'set' AS quantity_unit, 1 AS sign, "by" = 'sample' AS sample FROM rec_equipment WHERE low_efficiency
UNION ALL
SELECT subject, CAST(EXTRACT(YEAR FROM replaced) * 12 + EXTRACT(MONTH FROM replaced) - 1 AS INTEGER), -1, 'filed', kind, id, 1, 'set', -1, "by" = 'sample' AS sample FROM rec_equipment WHERE low_efficiency AND replaced IS NOT NULL
