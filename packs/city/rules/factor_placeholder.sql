-- id: city.factor_placeholder
-- title: 待替换的系数|Placeholder factor
-- severity: info
-- clause: rules of this pack
-- A factor of certainty L must be replaced before a figure that uses it is reported.
SELECT CAST(NULL AS VARCHAR) AS subject, CAST(NULL AS INTEGER) AS month, 'info' AS severity,
  '系数 ' || id || '（' || name_zh || '）为占位值，正式上报前须替换' AS text_zh,
  'Factor ' || id || ' (' || name_en || ') is a placeholder: replace it before official use' AS text_en, id AS evidence
FROM rec_factor WHERE certainty = 'L'
