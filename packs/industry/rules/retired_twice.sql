-- id: industry.retired_twice
-- title: 退出产能重复使用|Retired capacity used twice
-- severity: block
-- about: industry.capacity_replacement
-- Each retired unit serves one project, also when several stand in one list.
SELECT MIN(subject) AS subject, CAST(NULL AS INTEGER) AS month, 'block' AS severity, '退出装置 ' || unit || ' 用于 ' || CAST(COUNT(DISTINCT id) AS VARCHAR) || ' 个项目：' || string_agg(DISTINCT name, '、' ORDER BY name) AS text_zh,
  'Retired unit ' || unit || ' used for ' || CAST(COUNT(DISTINCT id) AS VARCHAR) || ' projects: ' || string_agg(DISTINCT name, ', ' ORDER BY name) AS text_en, MIN(id) AS evidence
FROM (SELECT id, subject, name, unnest(string_split_regex(retired_ids, '[ ,;、，；]+')) AS unit FROM rec_two_high_project WHERE retired_ids IS NOT NULL) u
WHERE unit <> '' GROUP BY unit HAVING COUNT(DISTINCT id) > 1
