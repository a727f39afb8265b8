-- id: industry.two_high_begun_early
-- title: 未批先建|Begun before its energy review
-- severity: block
-- about: industry.two_high.building
-- NDRC order 2 of 2023: no building before the opinion, by the level that the yearly energy asks for.
SELECT p.subject, CAST(EXTRACT(YEAR FROM p.listed) * 12 + EXTRACT(MONTH FROM p.listed) - 1 AS INTEGER) AS month, 'block' AS severity,
  p.name || '：' || CASE WHEN p.energy_opinion_on IS NULL THEN CAST(p.begun_on AS VARCHAR) || ' 开工，无节能审查意见' ELSE CAST(p.begun_on AS VARCHAR) || ' 开工，早于节能审查意见（' || CAST(p.energy_opinion_on AS VARCHAR) || '）' END AS text_zh,
  p.name || ': ' || CASE WHEN p.energy_opinion_on IS NULL THEN 'begun on ' || CAST(p.begun_on AS VARCHAR) || ' without an opinion' ELSE 'begun on ' || CAST(p.begun_on AS VARCHAR) || ', before its opinion of ' || CAST(p.energy_opinion_on AS VARCHAR) END AS text_en, p.id AS evidence
FROM rec_two_high_project p
WHERE p.begun_on IS NOT NULL AND COALESCE(p.reviewed_by, '') <> 'commitment' AND (p.energy_opinion_on IS NULL OR p.begun_on < p.energy_opinion_on)
