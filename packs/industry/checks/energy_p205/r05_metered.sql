-- id: energy_p205.r05_metered
-- title: 填报与在线监测|Filed against metered
-- severity: explain
-- clause: NECC-NHJC online monitoring (5 %); rule R5
-- The month's purchase against the sum of the daily accounts of the level-1 meters; only months metered on every day.
WITH metered AS (
  SELECT split_part(p.subject, '.', 1) AS subject, k.code, CAST(EXTRACT(YEAR FROM a.day) * 12 + EXTRACT(MONTH FROM a.day) - 1 AS INTEGER) AS month,
    SUM(a.value) AS quantity, COUNT(DISTINCT a.day) AS days
  FROM pt p JOIN account_day a ON a.point = p.point
  JOIN (SELECT DISTINCT s.subject, s.month, s.code, c.carrier FROM sheet s JOIN rec_nbs_code c ON c.id = s.code) k
    ON k.subject = split_part(p.subject, '.', 1) AND (k.carrier = p.carrier OR (k.carrier = 'heat' AND p.carrier = 'steam'))
    AND a.day >= CAST(make_date(CAST(FLOOR(k.month / 12.0) AS INTEGER), CAST(k.month - 12 * FLOOR(k.month / 12.0) AS INTEGER) + 1, 1) AS DATE)
    AND a.day < CAST(make_date(CAST(FLOOR(k.month / 12.0) AS INTEGER), CAST(k.month - 12 * FLOOR(k.month / 12.0) AS INTEGER) + 1, 1) + INTERVAL '1' MONTH AS DATE)
  WHERE p.flow = 'purchase' AND COALESCE(p.level, 1) = 1 AND p.kind IN ('register', 'interval')
  GROUP BY split_part(p.subject, '.', 1), k.code, CAST(EXTRACT(YEAR FROM a.day) * 12 + EXTRACT(MONTH FROM a.day) - 1 AS INTEGER)
)
SELECT s.row_no, 'purchase' AS field, CAST(CAST(COALESCE(CAST(s.purchase AS DECIMAL(28,6)), 0) AS DECIMAL(18,2)) AS VARCHAR) AS value, CAST(CAST(m.quantity / c.per_unit AS DECIMAL(18,2)) AS VARCHAR) AS expected,
  c.name_zh || '：填报购进 ' || CAST(CAST(COALESCE(CAST(s.purchase AS DECIMAL(28,6)), 0) AS DECIMAL(18,2)) AS VARCHAR) || ' ' || c.unit_zh || '，在线计量 ' || CAST(CAST(m.quantity / c.per_unit AS DECIMAL(18,2)) AS VARCHAR) || '，相差 '
    || CAST(CAST(100 * (COALESCE(CAST(s.purchase AS DECIMAL(28,6)), 0) * c.per_unit / m.quantity - 1) AS DECIMAL(18,1)) AS VARCHAR) || ' %（允许 5 %）' AS text_zh,
  c.name_en || ': filed purchase ' || CAST(CAST(COALESCE(CAST(s.purchase AS DECIMAL(28,6)), 0) AS DECIMAL(18,2)) AS VARCHAR) || ' ' || c.unit || ', metered ' || CAST(CAST(m.quantity / c.per_unit AS DECIMAL(18,2)) AS VARCHAR) || ': '
    || CAST(CAST(100 * (COALESCE(CAST(s.purchase AS DECIMAL(28,6)), 0) * c.per_unit / m.quantity - 1) AS DECIMAL(18,1)) AS VARCHAR) || ' % apart (5 % allowed)' AS text_en
FROM sheet s JOIN rec_nbs_code c ON c.id = s.code JOIN metered m ON m.subject = s.subject AND m.month = s.month AND m.code = s.code
WHERE m.quantity > 0 AND m.days >= 28 AND ABS(COALESCE(CAST(s.purchase AS DECIMAL(28,6)), 0) * c.per_unit - m.quantity) > 0.05 * m.quantity
