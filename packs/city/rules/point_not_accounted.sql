-- id: city.point_not_accounted
-- title: 计量点设置使其不计入|Point set up so that it is not accounted
-- severity: warn
-- clause: GB 17167 (metering levels)
-- Gauges have no amount; purchase, export and sequester count at level 1 of a unit, consume and recover at level 2 of a process.
SELECT subject, CAST(NULL AS INTEGER) AS month, 'warn' AS severity, '计量点 ' || name_zh || '：' || what_zh AS text_zh,
  'Point ' || name_en || ': ' || what_en AS text_en, id AS evidence
FROM (
  SELECT p.subject, p.id, p.name_zh, p.name_en,
    CASE WHEN p.kind IN ('gauge', 'state') THEN '瞬时量没有累计量，流向 ' || p.flow || ' 不计入'
      WHEN s.id IS NULL THEN '主体 ' || p.subject || ' 未登记'
      WHEN p.flow IN ('purchase', 'export', 'sequester') THEN '进出用能单位的流向应为 1 级计量'
      ELSE '工序流向的主体应为工序或设备' END AS what_zh,
    CASE WHEN p.kind IN ('gauge', 'state') THEN 'a momentary value has no amount; flow ' || p.flow || ' is not counted'
      WHEN s.id IS NULL THEN 'subject ' || p.subject || ' is not registered'
      WHEN p.flow IN ('purchase', 'export', 'sequester') THEN 'a flow in or out of a unit belongs to level 1'
      ELSE 'a process flow needs a process or equipment as its subject' END AS what_en
  FROM rec_point p LEFT JOIN rec_subject s ON s.id = p.subject
  WHERE (p.kind IN ('gauge', 'state') AND p.flow NOT IN ('none', 'demand'))
    OR s.id IS NULL
    OR (p.flow IN ('purchase', 'export', 'sequester') AND COALESCE(p.level, 1) <> 1)
    OR (p.flow IN ('consume', 'recover') AND split_part(p.subject, '.', 2) = '')
) x
