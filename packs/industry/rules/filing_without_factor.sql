-- id: industry.filing_without_factor
-- title: 填报品种缺系数|Filed carrier without factor
-- severity: error
-- clause: GB/T 2589-2020; GB/T 32150-2015
SELECT e.subject, e.month, 'error' AS severity,
  '填报品种 ' || e.carrier || CASE WHEN c.id IS NULL THEN ' 不在品种表中' ELSE ' 没有系数' END || '，未计入' AS text_zh,
  'Filed carrier ' || e.carrier || CASE WHEN c.id IS NULL THEN ' is not in the list of carriers' ELSE ' has no factor' END || ': not counted' AS text_en,
  e.id AS evidence
FROM rec_energy_monthly e LEFT JOIN rec_carrier c ON c.id = e.carrier
WHERE c.id IS NULL
  OR (c.nature IN ('energy', 'medium') AND e.flow <> 'sequester' AND e.own_factor IS NULL
    AND NOT EXISTS (SELECT 1 FROM rec_factor f WHERE f.factor = 'k.' || e.carrier))
  OR ((c.co2_scope IS NOT NULL AND e.flow IN ('purchase', 'export') OR e.flow = 'sequester')
    AND NOT EXISTS (SELECT 1 FROM rec_factor f
      WHERE f.factor = CASE e.carrier WHEN 'electricity' THEN 'ef.grid.CN-LN' ELSE 'ef.' || e.carrier END))
