-- id: city.balance_three_days
-- title: 总分表连续三日不平衡|Balance out for three days running
-- severity: error
-- clause: GB/T 3484-2009; GB/T 2587-2009
-- V15: b = (whole - parts - modelled loss) / whole, days on which whole and all parts are metered in full and the whole carries at least 10 units.
-- More than 5 % on three such days that follow each other: the group is not to be relied on.
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
), marked AS (
  SELECT id, day, b, LAG(b, 1) OVER days AS b1, LAG(b, 2) OVER days AS b2, LAG(day, 2) OVER days AS d2
  FROM daily WINDOW days AS (PARTITION BY id ORDER BY day)
), found AS (
  SELECT id, MIN(day) AS first_day, MAX(day) AS last_day, COUNT(*) AS times FROM marked
  WHERE d2 = day - 2 AND ABS(b) > 0.05 AND ABS(b1) > 0.05 AND ABS(b2) > 0.05 GROUP BY id
)
SELECT w.subject, CAST(EXTRACT(YEAR FROM f.last_day) * 12 + EXTRACT(MONTH FROM f.last_day) - 1 AS INTEGER) AS month, 'error' AS severity,
  w.name_zh || '：总分表差额连续三日超过 5 %，' || CAST(f.times AS VARCHAR) || ' 次，' || CAST(f.first_day AS VARCHAR) || ' 至 ' || CAST(f.last_day AS VARCHAR) AS text_zh,
  w.name_en || ': parts differ from the whole by more than 5 % for three days running, ' || CAST(f.times AS VARCHAR) || ' times, '
    || CAST(f.first_day AS VARCHAR) || ' to ' || CAST(f.last_day AS VARCHAR) AS text_en,
  w.id AS evidence
FROM found f JOIN rec_point w ON w.id = f.id
