-- id: buildings.prefab_rate_differs
-- title: 装配率与评价不符|Prefabrication rate differs from its rating
-- severity: warn
-- about: buildings.prefab_share buildings.prefab_starts_area
SELECT r.subject, CAST(EXTRACT(YEAR FROM r.rated) * 12 + EXTRACT(MONTH FROM r.rated) - 1 AS INTEGER) AS month, 'warn' AS severity,
  r.project || '：申报 ' || CAST(CAST(p.prefab_rate AS DECIMAL(6,2)) AS VARCHAR) || ' %，按得分 ' || CAST(CAST(law_prefab_rate(CAST(r.q1 AS DOUBLE), CAST(r.q2 AS DOUBLE), CAST(r.q3 AS DOUBLE), CAST(r.q4 AS DOUBLE)) AS DECIMAL(6,2)) AS VARCHAR) || ' %' AS text_zh,
  r.project || ': filed ' || CAST(CAST(p.prefab_rate AS DECIMAL(6,2)) AS VARCHAR) || ' %, the points give ' || CAST(CAST(law_prefab_rate(CAST(r.q1 AS DOUBLE), CAST(r.q2 AS DOUBLE), CAST(r.q3 AS DOUBLE), CAST(r.q4 AS DOUBLE)) AS DECIMAL(6,2)) AS VARCHAR) || ' %' AS text_en, r.id AS evidence
FROM rec_prefab_rating r JOIN rec_construction_project p ON p.id = r.project WHERE ABS(CAST(p.prefab_rate AS DOUBLE) - law_prefab_rate(CAST(r.q1 AS DOUBLE), CAST(r.q2 AS DOUBLE), CAST(r.q3 AS DOUBLE), CAST(r.q4 AS DOUBLE))) > 0.5
