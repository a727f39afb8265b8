-- id: transport.buses
-- title: 在运公交车|Buses in service
-- unit: 辆
-- kind: stock
-- better: none
-- scope: 期末在运|In service at the end of the period
-- clause: 城市客运统计
-- decimals: 0
-- expect: none
-- period: 2025-12
SELECT subject, CAST(EXTRACT(YEAR FROM in_service) * 12 + EXTRACT(MONTH FROM in_service) - 1 AS INTEGER) AS month, vehicles AS num, 'filed' AS source, energy AS carrier, id AS record, vehicles AS quantity, 'bus' AS quantity_unit, 1 AS sign, "by" = 'sample' AS sample FROM rec_bus_fleet
UNION ALL
SELECT subject, CAST(EXTRACT(YEAR FROM retired) * 12 + EXTRACT(MONTH FROM retired) - 1 AS INTEGER), -vehicles, 'filed', energy, id, vehicles, 'bus', -1, "by" = 'sample' AS sample FROM rec_bus_fleet WHERE retired IS NOT NULL
