-- id: industry.capacity_short
-- title: 置换产能不足|Too little capacity retired
-- severity: block
-- about: industry.capacity_replacement
SELECT subject, CAST(EXTRACT(YEAR FROM listed) * 12 + EXTRACT(MONTH FROM listed) - 1 AS INTEGER) AS month, 'block' AS severity,
  name || '：退出 ' || CAST(CAST(retired_capacity_t AS DECIMAL(18,0)) AS VARCHAR) || ' t，须 ' || CAST(CAST(need AS DECIMAL(18,0)) AS VARCHAR) || ' t（新增 ' || CAST(CAST(new_capacity_t AS DECIMAL(18,0)) AS VARCHAR) || ' t × ' || CAST(CAST(required_ratio AS DECIMAL(6,2)) AS VARCHAR) || '）' AS text_zh,
  name || ': ' || CAST(CAST(retired_capacity_t AS DECIMAL(18,0)) AS VARCHAR) || ' t retired, ' || CAST(CAST(need AS DECIMAL(18,0)) AS VARCHAR) || ' t needed (' || CAST(CAST(new_capacity_t AS DECIMAL(18,0)) AS VARCHAR) || ' t new x ' || CAST(CAST(required_ratio AS DECIMAL(6,2)) AS VARCHAR) || ')' AS text_en, id AS evidence
FROM (SELECT *, CAST(new_capacity_t AS DECIMAL(24,6)) * CAST(required_ratio AS DECIMAL(12,6)) AS need FROM rec_two_high_project WHERE required_ratio IS NOT NULL AND new_capacity_t IS NOT NULL AND removed IS NULL AND decision = 'go_on') p
WHERE COALESCE(retired_capacity_t, 0) < need
