-- id: buildings.heat_network_wording
-- title: 管网改造表述有两种读法|Two readings of the heat network sentence
-- severity: info
-- about: buildings.heat_network_renewed buildings.heat_network_plan_completion
WITH t AS (
  SELECT plan_year, SUM(plan_km) AS plan_km, SUM(CASE WHEN accepted IS NOT NULL THEN done_km ELSE 0 END) AS done_km FROM rec_heat_network_segment GROUP BY plan_year
)
SELECT '210800' AS subject, plan_year * 12 + 11 AS month, 'info' AS severity,
  '“实际超额完成”按实际总长 ' || CAST(CAST(done_km AS DECIMAL(12,2)) AS VARCHAR) || ' km 计（计划 ' || CAST(CAST(plan_km AS DECIMAL(12,2)) AS VARCHAR) || ' km）；若读作“超出”，则合计 ' || CAST(CAST(plan_km + done_km AS DECIMAL(12,2)) AS VARCHAR) || ' km' AS text_zh,
  'Read as the actual total ' || CAST(CAST(done_km AS DECIMAL(12,2)) AS VARCHAR) || ' km (plan ' || CAST(CAST(plan_km AS DECIMAL(12,2)) AS VARCHAR) || ' km); read as exceeded by, it would be ' || CAST(CAST(plan_km + done_km AS DECIMAL(12,2)) AS VARCHAR) || ' km' AS text_en, '' AS evidence
FROM t WHERE done_km > plan_km AND plan_km > 0
