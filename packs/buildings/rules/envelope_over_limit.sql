-- id: buildings.envelope_over_limit
-- title: 围护结构传热系数超限|Envelope over its limit
-- severity: warn
-- about: buildings.heat_index
SELECT subject, CAST(EXTRACT(YEAR FROM designed) * 12 + EXTRACT(MONTH FROM designed) - 1 AS INTEGER) AS month, 'warn' AS severity,
  project || '：' || part_zh || ' K = ' || CAST(CAST(k AS DECIMAL(6,2)) AS VARCHAR) || '，限值 ' || CAST(CAST(lim AS DECIMAL(6,2)) AS VARCHAR) || ' W/(m2K)，须做权衡判断' AS text_zh,
  project || ': ' || part_en || ' K = ' || CAST(CAST(k AS DECIMAL(6,2)) AS VARCHAR) || ', limit ' || CAST(CAST(lim AS DECIMAL(6,2)) AS VARCHAR) || ' W/(m2K): a trade-off is due' AS text_en, id AS evidence
FROM (SELECT id, subject, designed, project, '外墙' AS part_zh, 'wall' AS part_en, wall_k AS k, CASE WHEN storeys <= 3 THEN 0.35 ELSE 0.45 END AS lim FROM rec_envelope_design
  UNION ALL SELECT id, subject, designed, project, '屋面', 'roof', roof_k, 0.25 FROM rec_envelope_design
  UNION ALL SELECT id, subject, designed, project, '外窗', 'window', window_k, CASE WHEN storeys <= 3 THEN 1.8 ELSE 2.2 END FROM rec_envelope_design) p WHERE k > lim
