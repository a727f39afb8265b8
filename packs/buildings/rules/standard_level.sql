-- id: buildings.standard_level
-- title: 节能标准低于强制要求|Energy-saving standard below the mandatory one
-- severity: block
-- about: buildings.standard_compliance
SELECT subject, CAST(NULL AS INTEGER) AS month, 'block' AS severity, name || '：节能标准 ' || CAST(saving_standard AS VARCHAR) || ' %，居住应为 75 %、公共 72 %' AS text_zh,
  name || ': energy-saving standard ' || CAST(saving_standard AS VARCHAR) || ' %; residential needs 75 %, public 72 %' AS text_en, id AS evidence
FROM rec_construction_project WHERE (use_kind = 'residential' AND saving_standard < 75) OR (use_kind = 'public' AND saving_standard < 72)
