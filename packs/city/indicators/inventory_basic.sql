-- id: city.inventory_basic
-- title: 温室气体清单 BASIC|GHG inventory, BASIC
-- unit: tCO2e
-- kind: sum
-- better: down
-- scope: 范围一、范围二及外运废弃物；碳普惠与避免排放不得扣减|Scope 1, scope 2 and waste treated outside; carbon-inclusion points and avoided emissions are never taken off
-- clause: GPC 1.1; 省级温室气体清单编制指南
-- decimals: 0
-- public: yes
-- expect: none
-- display: 万tCO2e 0.0001 | ktCO2e 0.001
SELECT r.subject, r.month, CAST(r.co2_t AS DECIMAL(16,3)) AS num, 'filed' AS source, 'CO2' AS carrier, g.sector AS scope, r.id AS record, CAST(r.co2_t AS DECIMAL(16,3)) AS quantity, 't CO2' AS quantity_unit, CAST(NULL AS VARCHAR) AS factor, CAST(NULL AS DECIMAL(9,3)) AS factor_value, FALSE AS outside, r."by" = 'sample' AS sample FROM rec_inventory_row r JOIN rec_gpc_ref g ON g.ref = r.ref WHERE r.notation = 'value' AND r.co2_t <> 0 AND g.level = 'basic'
UNION ALL
SELECT r.subject, r.month, CAST(r.ch4_t AS DECIMAL(16,3)) * CAST(k.value AS DECIMAL(9,3)) AS num, 'filed' AS source, 'CH4' AS carrier, g.sector AS scope, r.id AS record, CAST(r.ch4_t AS DECIMAL(16,3)) AS quantity, 't CH4' AS quantity_unit, k.id AS factor, CAST(k.value AS DECIMAL(9,3)) AS factor_value, k.outside, r."by" = 'sample' AS sample FROM rec_inventory_row r JOIN rec_gpc_ref g ON g.ref = r.ref JOIN factor_month k ON k.factor = 'gwp.ch4' AND k.month = r.month WHERE r.notation = 'value' AND r.ch4_t <> 0 AND g.level = 'basic'
UNION ALL
SELECT r.subject, r.month, CAST(r.n2o_t AS DECIMAL(16,3)) * CAST(k.value AS DECIMAL(9,3)) AS num, 'filed' AS source, 'N2O' AS carrier, g.sector AS scope, r.id AS record, CAST(r.n2o_t AS DECIMAL(16,3)) AS quantity, 't N2O' AS quantity_unit, k.id AS factor, CAST(k.value AS DECIMAL(9,3)) AS factor_value, k.outside, r."by" = 'sample' AS sample FROM rec_inventory_row r JOIN rec_gpc_ref g ON g.ref = r.ref JOIN factor_month k ON k.factor = 'gwp.n2o' AND k.month = r.month WHERE r.notation = 'value' AND r.n2o_t <> 0 AND g.level = 'basic'
