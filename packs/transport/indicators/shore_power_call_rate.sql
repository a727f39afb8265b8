-- id: transport.shore_power_call_rate
-- title: 岸电使用率（艘次）|Shore power, calls
-- unit: %
-- kind: ratio
-- better: up
-- scope: 使用岸电艘次÷船舶与泊位均具备条件的艘次|Calls connected over calls where ship and berth are fitted
-- clause: 港口船舶岸电
-- decimals: 2
-- expect: none
-- order: 91
-- article: 全力推进靠港船舶岸电全覆盖使用
SELECT subject, CAST(EXTRACT(YEAR FROM arrived) * 12 + EXTRACT(MONTH FROM arrived) - 1 AS INTEGER) AS month, 'num' AS part, 100 AS num, 'filed' AS source, berth AS carrier, id AS record, 1 AS quantity, 'call' AS quantity_unit, 100 AS scale, "by" = 'sample' AS sample FROM rec_vessel_call WHERE ship_fitted AND berth_fitted AND connected
UNION ALL
SELECT subject, CAST(EXTRACT(YEAR FROM arrived) * 12 + EXTRACT(MONTH FROM arrived) - 1 AS INTEGER), 'den', 1, 'filed', berth, id, 1, 'call', 1, "by" = 'sample' AS sample FROM rec_vessel_call WHERE ship_fitted AND berth_fitted
