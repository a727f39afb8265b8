-- id: industry.retired_twice
-- title: 退出产能重复使用|Retired capacity used twice
-- severity: block
-- about: industry.capacity_replacement
-- Each retired tonne serves one project: all uses of a capacity together are not more than it was.
SELECT c.subject, CAST(NULL AS INTEGER) AS month, 'block' AS severity,
  c.name || '：核定 ' || CAST(CAST(c.capacity_t AS DECIMAL(18,0)) AS VARCHAR) || ' t，已用 ' || CAST(CAST(u.t AS DECIMAL(18,0)) AS VARCHAR) || ' t（' || u.projects || '）' AS text_zh,
  c.name || ': ' || CAST(CAST(c.capacity_t AS DECIMAL(18,0)) AS VARCHAR) || ' t of capacity, ' || CAST(CAST(u.t AS DECIMAL(18,0)) AS VARCHAR) || ' t used (' || u.projects || ')' AS text_en, c.id AS evidence
FROM rec_retired_capacity c JOIN (SELECT retired, SUM(t) AS t, string_agg(project, ', ' ORDER BY project) AS projects FROM rec_capacity_use GROUP BY retired) u ON u.retired = c.id
WHERE u.t > c.capacity_t
