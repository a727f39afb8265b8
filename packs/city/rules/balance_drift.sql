-- id: city.balance_drift
-- title: 总分表平衡漂移|Balance drifts
-- severity: warn
-- clause: GB/T 3484-2009; GB/T 2587-2009
-- V15: two-sided CUSUM of the daily balance b (see balance_three_days) with k = 0.5 %, h = 5 %: S = max(0, S' + b - k), alarm at S > h; the other side with -b.
-- In closed form S = C - min(0, least C so far), C the running sum of b - k: a slow drift that no single day shows.
WITH parts AS (
  SELECT p.parent, a.day, SUM(a.value) AS value, COUNT(*) AS n, MIN(a.quarters) AS quarters, MAX(a.quarters_estimated) AS estimated
  FROM pt p JOIN account_day a ON a.point = p.point
  WHERE p.parent IS NOT NULL AND p.kind IN ('register', 'interval') AND p.flow NOT IN ('reactive_lag', 'reactive_lead')
  GROUP BY p.parent, a.day
), members AS (
  SELECT parent, COUNT(*) AS n FROM rec_point
  WHERE parent IS NOT NULL AND kind IN ('register', 'interval') AND flow NOT IN ('reactive_lag', 'reactive_lead') GROUP BY parent
), daily AS (
  SELECT w.id, a.day, CAST((a.value - c.value - COALESCE(w.loss_share, 0) * a.value) / a.value AS DOUBLE PRECISION) AS b
  FROM pt w JOIN account_day a ON a.point = w.point JOIN parts c ON c.parent = w.id AND c.day = a.day JOIN members m ON m.parent = w.id
  WHERE a.value >= 10 AND a.quarters >= 96 AND a.quarters_estimated = 0 AND c.n = m.n AND c.quarters >= 96 AND c.estimated = 0
), sums AS (
  SELECT id, day, SUM(b - 0.005) OVER days AS up, SUM(-b - 0.005) OVER days AS down FROM daily WINDOW days AS (PARTITION BY id ORDER BY day)
), sided AS (
  SELECT id, day, up - LEAST(0, MIN(up) OVER days) AS s_up, down - LEAST(0, MIN(down) OVER days) AS s_down
  FROM sums WINDOW days AS (PARTITION BY id ORDER BY day)
), found AS (
  SELECT id, MIN(day) AS first_day, MAX(s_up) AS s_up, MAX(s_down) AS s_down FROM sided WHERE s_up > 0.05 OR s_down > 0.05 GROUP BY id
)
SELECT w.subject, CAST(EXTRACT(YEAR FROM f.first_day) * 12 + EXTRACT(MONTH FROM f.first_day) - 1 AS INTEGER) AS month, 'warn' AS severity,
  w.name_zh || '：总分表平衡自 ' || CAST(f.first_day AS VARCHAR) || ' 起持续偏' || CASE WHEN f.s_up > f.s_down THEN '大（分表之和偏小）' ELSE '小（分表之和偏大）' END AS text_zh,
  w.name_en || ': the balance has drifted since ' || CAST(f.first_day AS VARCHAR)
    || CASE WHEN f.s_up > f.s_down THEN ', the parts read too little' ELSE ', the parts read too much' END AS text_en,
  w.id AS evidence
FROM found f JOIN rec_point w ON w.id = f.id
