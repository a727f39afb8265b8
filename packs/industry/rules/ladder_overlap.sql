-- id: industry.ladder_overlap
-- title: 绿色制造级别有重叠|Green manufacturing levels overlap
-- severity: warn
-- about: industry.green_factories.national industry.green_factories.provincial industry.green_factories.municipal industry.green_parks.provincial industry.green_parks.municipal industry.green_factories_ever.national industry.green_factories_ever.provincial industry.green_factories_ever.municipal industry.green_parks_ever.provincial industry.green_parks_ever.municipal
WITH held AS (SELECT entity, kind, COUNT(DISTINCT level) AS levels FROM rec_green_award GROUP BY entity, kind)
SELECT '210800' AS subject, CAST(NULL AS INTEGER) AS month, 'warn' AS severity,
  '有 ' || CAST(COUNT(*) AS VARCHAR) || ' 家先后获多个级别：按最高级别与“曾获”两种口径分列，各级相加不得用“曾获”' AS text_zh,
  CAST(COUNT(*) AS VARCHAR) || ' entities held several levels one after the other: shown by highest level and as ever awarded; the latter must not be added up' AS text_en, MIN(entity) AS evidence
FROM held WHERE levels > 1 HAVING COUNT(*) > 0
