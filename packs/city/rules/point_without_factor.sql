-- id: city.point_without_factor
-- title: 计量点缺系数|Point without factor
-- severity: error
-- clause: GB/T 2589-2020; GB/T 32150-2015
-- An adopted point that the accounts must leave out because its carrier is unknown or has no factor: said aloud, never dropped silently.
SELECT subject, CAST(NULL AS INTEGER) AS month, 'error' AS severity,
  '计量点 ' || name_zh || '：品种 ' || carrier || ' ' || what_zh AS text_zh,
  'Point ' || name_en || ': carrier ' || carrier || ' ' || what_en AS text_en, id AS evidence
FROM (
  SELECT p.subject, p.id, p.name_zh, p.name_en, p.carrier,
    CASE WHEN c.id IS NULL THEN '不在品种表中，未计入任何指标'
      WHEN c.nature IN ('energy', 'medium') AND NOT EXISTS (SELECT 1 FROM rec_factor f WHERE f.factor = 'k.' || p.carrier)
        THEN '没有折标准煤系数，未计入综合能耗'
      ELSE '没有排放因子，未计入二氧化碳' END AS what_zh,
    CASE WHEN c.id IS NULL THEN 'is not in the list of carriers: left out of every figure'
      WHEN c.nature IN ('energy', 'medium') AND NOT EXISTS (SELECT 1 FROM rec_factor f WHERE f.factor = 'k.' || p.carrier)
        THEN 'has no coal-equivalent coefficient: left out of energy'
      ELSE 'has no emission factor: left out of CO2' END AS what_en
  FROM rec_point p LEFT JOIN rec_carrier c ON c.id = p.carrier
  WHERE p.flow IN ('purchase', 'export', 'consume', 'recover', 'sequester')
    AND (c.id IS NULL
      OR (c.nature IN ('energy', 'medium') AND p.flow <> 'sequester'
        AND NOT EXISTS (SELECT 1 FROM rec_factor f WHERE f.factor = 'k.' || p.carrier))
      OR ((c.co2_scope IS NOT NULL AND p.flow IN ('purchase', 'export') OR p.flow = 'sequester')
        AND NOT EXISTS (SELECT 1 FROM rec_factor f
          WHERE f.factor = CASE p.carrier WHEN 'electricity' THEN 'ef.grid.CN-LN' ELSE 'ef.' || p.carrier END)))
) x
