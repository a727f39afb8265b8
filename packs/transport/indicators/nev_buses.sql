-- id: transport.nev_buses
-- title: 新能源公交车|New-energy buses
-- unit: 辆
-- kind: stock
-- better: up
-- scope: 期末在运的纯电、插混、燃料电池车|Battery, plug-in and fuel-cell buses in service at the end of the period
-- clause: 城市客运统计
-- decimals: 0
-- public: yes
-- expect: none
-- period: 2025-12
-- order: 93
-- article: 新能源公交车整装待发，穿梭在城市主次干道、城乡支线和校园专线
SELECT subject, CAST(EXTRACT(YEAR FROM in_service) * 12 + EXTRACT(MONTH FROM in_service) - 1 AS INTEGER) AS month, vehicles AS num, 'filed' AS source, energy AS carrier, id AS record, vehicles AS quantity, 'bus' AS quantity_unit, 1 AS sign, "by" = 'sample' AS sample FROM rec_bus_fleet WHERE energy IN ('bev', 'phev', 'fcev')
UNION ALL
SELECT subject, CAST(EXTRACT(YEAR FROM retired) * 12 + EXTRACT(MONTH FROM retired) - 1 AS INTEGER), -vehicles, 'filed', energy, id, vehicles, 'bus', -1, "by" = 'sample' AS sample FROM rec_bus_fleet WHERE energy IN ('bev', 'phev', 'fcev') AND retired IS NOT NULL
