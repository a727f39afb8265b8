-- id: industry.intensity_scope
-- title: 单位增加值能耗的口径|Scope of energy per value added
-- severity: info
-- about: industry.energy_intensity_change industry.va_growth industry.energy_growth
SELECT '210800' AS subject, CAST(NULL AS INTEGER) AS month, 'info' AS severity, '可比价、仅规上工业、累计同口径；单耗下降不等于能耗下降（能耗增速另列）' AS text_zh,
  'Constant prices, industry above scale only, cumulative like for like; lower intensity is not lower energy (its growth is a figure of its own)' AS text_en, '' AS evidence
FROM rec_above_scale_stat HAVING COUNT(*) > 0
