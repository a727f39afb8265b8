-- id: industry.retired_twice
-- title: 退出产能重复使用|Retired capacity used twice
-- severity: block
-- about: industry.capacity_replacement
SELECT MIN(subject) AS subject, CAST(NULL AS INTEGER) AS month, 'block' AS severity, '退出装置 ' || retired_ids || ' 用于 ' || CAST(COUNT(*) AS VARCHAR) || ' 个项目' AS text_zh,
  'Retired unit ' || retired_ids || ' used for ' || CAST(COUNT(*) AS VARCHAR) || ' projects' AS text_en, MIN(id) AS evidence FROM rec_two_high_project WHERE retired_ids IS NOT NULL GROUP BY retired_ids HAVING COUNT(*) > 1
