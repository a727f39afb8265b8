-- id: industry.metered_balance
-- title: 计量平衡差超限|Metered balance out of range
-- severity: warn
-- clause: GB/T 3484-2009; GB/T 2587-2009
-- Parts over the parent by more than 2 %, or a loss of more than 5 % after the modelled one, in a month.
WITH monthly AS (
  SELECT p.id, p.point, CAST(EXTRACT(YEAR FROM a.day) * 12 + EXTRACT(MONTH FROM a.day) - 1 AS INTEGER) AS month, SUM(a.value) AS value
  FROM pt p JOIN account_day a ON a.point = p.point
  WHERE p.kind IN ('register', 'interval')
  GROUP BY p.id, p.point, CAST(EXTRACT(YEAR FROM a.day) * 12 + EXTRACT(MONTH FROM a.day) - 1 AS INTEGER)
), parts AS (
  SELECT p.parent, m.month, SUM(m.value) AS value FROM rec_point p JOIN monthly m ON m.id = p.id
  WHERE p.parent IS NOT NULL AND p.flow NOT IN ('reactive_lag', 'reactive_lead') GROUP BY p.parent, m.month
)
SELECT w.subject, m.month, CASE WHEN p.value > m.value * 1.02 THEN 'error' ELSE 'warn' END AS severity,
  w.name_zh || '：总 ' || CAST(m.value AS VARCHAR) || '，分 ' || CAST(p.value AS VARCHAR)
    || CASE WHEN p.value > m.value * 1.02 THEN '，分表之和大于总表' ELSE '，差额超过 5 %' END AS text_zh,
  w.name_en || ': whole ' || CAST(m.value AS VARCHAR) || ', parts ' || CAST(p.value AS VARCHAR)
    || CASE WHEN p.value > m.value * 1.02 THEN ', the parts exceed the whole' ELSE ', more than 5 % is missing' END AS text_en,
  w.id AS evidence
FROM parts p JOIN rec_point w ON w.id = p.parent JOIN monthly m ON m.id = w.id AND m.month = p.month
WHERE m.value > 0 AND (p.value > m.value * 1.02 OR p.value < m.value * (0.95 - COALESCE(w.loss_share, 0)))
