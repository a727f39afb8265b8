-- id: buildings.green_stars_differ
-- title: 星级与得分不符|Stars differ from the scores
-- severity: warn
-- about: buildings.star_share buildings.green_points
SELECT g.subject, CAST(EXTRACT(YEAR FROM g.rated) * 12 + EXTRACT(MONTH FROM g.rated) - 1 AS INTEGER) AS month, 'warn' AS severity,
  g.project || '：申报 ' || CAST(p.stars AS VARCHAR) || ' 星，按得分为 ' || CAST(CAST(g.level AS INTEGER) - 1 AS VARCHAR) || ' 星' AS text_zh,
  g.project || ': filed with ' || CAST(p.stars AS VARCHAR) || ' stars, the scores give ' || CAST(CAST(g.level AS INTEGER) - 1 AS VARCHAR) AS text_en, g.id AS evidence
FROM (SELECT *, law_green_level(CASE WHEN control_items THEN 1 ELSE 0 END, CASE WHEN full_fitout THEN 1 ELSE 0 END, CAST(q1 AS DOUBLE), CAST(q2 AS DOUBLE), CAST(q3 AS DOUBLE), CAST(q4 AS DOUBLE), CAST(q5 AS DOUBLE), CAST(qa AS DOUBLE), table_star) AS level FROM rec_green_rating) g JOIN rec_construction_project p ON p.id = g.project WHERE p.stars IS NOT NULL AND p.stars > g.level - 1
