-- id: industry.two_high_review_level
-- title: 节能审查越权|Reviewed by too low a level
-- severity: block
-- about: industry.two_high.proposed industry.two_high.building
-- By the limits in force on the day of the opinion (review_limit).
SELECT p.subject, CAST(EXTRACT(YEAR FROM p.listed) * 12 + EXTRACT(MONTH FROM p.listed) - 1 AS INTEGER) AS month, 'block' AS severity,
  p.name || '：年综合能耗 ' || CAST(CAST(p.energy_tce AS DECIMAL(18,0)) AS VARCHAR) || ' tce，应由 ' || l.level || ' 级审查，现为 ' || p.reviewed_by AS text_zh,
  p.name || ': ' || CAST(CAST(p.energy_tce AS DECIMAL(18,0)) AS VARCHAR) || ' tce a year, to be reviewed by level ' || l.level || ', was by ' || p.reviewed_by AS text_en, p.id AS evidence
FROM rec_two_high_project p JOIN (SELECT p.id, MAX(CASE l.level WHEN 'nation' THEN 3 WHEN 'province' THEN 2 ELSE 1 END) AS need
    FROM rec_two_high_project p JOIN rec_review_limit l ON (p.energy_tce >= l.from_tce OR p.electricity_kwh >= l.from_kwh)
      AND COALESCE(p.energy_opinion_on, p.listed) >= l.valid_from AND (l.valid_to IS NULL OR COALESCE(p.energy_opinion_on, p.listed) < l.valid_to) GROUP BY p.id) n ON n.id = p.id
  JOIN (VALUES (1, 'city'), (2, 'province'), (3, 'nation')) AS l(rank, level) ON l.rank = n.need
WHERE p.reviewed_by IS NOT NULL AND CASE p.reviewed_by WHEN 'nation' THEN 3 WHEN 'province' THEN 2 WHEN 'city' THEN 1 ELSE 0 END < n.need
