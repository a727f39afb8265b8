-- id: buildings.starts_scopes
-- title: 两种新开工口径不可相除|Two scopes of starts must not be divided
-- severity: warn
-- about: buildings.green_starts_area buildings.star_share buildings.prefab_starts_area buildings.prefab_share
WITH t AS (
  SELECT CAST(EXTRACT(YEAR FROM permit) AS INTEGER) AS year, SUM(CASE WHEN use_kind IN ('residential', 'public') AND green_design THEN area_m2 ELSE 0 END) AS green,
    SUM(CASE WHEN EXTRACT(MONTH FROM permit) <= 9 THEN area_m2 ELSE 0 END) AS all_q3, MAX(EXTRACT(MONTH FROM permit)) AS last_month
  FROM rec_construction_project WHERE permit IS NOT NULL GROUP BY CAST(EXTRACT(YEAR FROM permit) AS INTEGER)
)
SELECT '210800' AS subject, year * 12 + CAST(last_month AS INTEGER) - 1 - CASE WHEN last_month > 9 THEN CAST(last_month AS INTEGER) - 9 ELSE 0 END AS month, 'warn' AS severity,
  CAST(year AS VARCHAR) || ' 年民用绿色建筑新开工（全年）' || CAST(CAST(green * 0.0001 AS DECIMAL(12,2)) AS VARCHAR) || ' 万㎡ 小于前三季度全部建筑新开工 ' || CAST(CAST(all_q3 * 0.0001 AS DECIMAL(12,2)) AS VARCHAR)
    || ' 万㎡：口径与期间都不同，不得相除' AS text_zh,
  CAST(year AS VARCHAR) || ': green civil starts (whole year) ' || CAST(CAST(green * 0.0001 AS DECIMAL(12,2)) AS VARCHAR) || ' below all starts of the first three quarters '
    || CAST(CAST(all_q3 * 0.0001 AS DECIMAL(12,2)) AS VARCHAR) || ' (10^4 m2): other scope and other period, not to be divided' AS text_en, '' AS evidence
FROM t WHERE green < all_q3
