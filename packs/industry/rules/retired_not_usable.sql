-- id: industry.retired_not_usable
-- title: 不得用于置换的产能|Capacity that may not be used for replacement
-- severity: block
-- about: industry.capacity_replacement
-- A use needs a capacity in the register, of the sector of its project, that is listed or was built legally.
SELECT p.subject, CAST(NULL AS INTEGER) AS month, 'block' AS severity,
  p.name || '：' || CASE WHEN c.id IS NULL THEN '退出产能 ' || u.retired || ' 不在台账' WHEN c.sector <> p.sector THEN c.name || ' 属 ' || c.sector || ' 行业' ELSE c.name || ' 的产能性质（' || c.standing || '）不得用于置换' END AS text_zh,
  p.name || ': ' || CASE WHEN c.id IS NULL THEN 'retired capacity ' || u.retired || ' is not in the register' WHEN c.sector <> p.sector THEN c.name || ' is of the sector ' || c.sector ELSE c.name || ' may not be used (' || c.standing || ')' END AS text_en, u.id AS evidence
FROM rec_capacity_use u JOIN rec_two_high_project p ON p.id = u.project LEFT JOIN rec_retired_capacity c ON c.id = u.retired
WHERE c.id IS NULL OR c.sector <> p.sector OR c.standing NOT IN ('listed', 'legal')
