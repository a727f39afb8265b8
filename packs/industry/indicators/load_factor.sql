-- id: industry.load_factor
-- months: alone
-- title: 负荷率|Load factor
-- unit: 1
-- kind: ratio
-- better: up
-- scope: 月平均负荷÷月最大需量（各单位自身最大需量）|Mean load over peak demand of the month, each unit against its own peak
-- clause: GB/T 3485-1998
-- decimals: 3
-- display: % 100 | % 100
-- num = kWh of the quarters present; den = peak kW x hours present. Over several months or units both sums are taken first.
WITH quarter AS (
  SELECT split_part(p.subject, '.', 1) AS subject, h.hour, SUM(h.q1) AS q1, SUM(h.q2) AS q2, SUM(h.q3) AS q3, SUM(h.q4) AS q4
  FROM pt p JOIN interval_hour h ON h.point = p.point
  WHERE p.carrier = 'electricity' AND p.flow = 'purchase' AND COALESCE(p.level, 1) = 1 AND p.kind IN ('register', 'interval')
  GROUP BY split_part(p.subject, '.', 1), h.hour
), hourly AS (
  SELECT subject,
    CAST(EXTRACT(YEAR FROM hour + INTERVAL '8 hours') * 12 + EXTRACT(MONTH FROM hour + INTERVAL '8 hours') - 1 AS INTEGER) AS month,
    COALESCE(q1, 0) + COALESCE(q2, 0) + COALESCE(q3, 0) + COALESCE(q4, 0) AS kwh, GREATEST(q1, q2, q3, q4) AS top,
    CASE WHEN q1 IS NULL THEN 0 ELSE 1 END + CASE WHEN q2 IS NULL THEN 0 ELSE 1 END
      + CASE WHEN q3 IS NULL THEN 0 ELSE 1 END + CASE WHEN q4 IS NULL THEN 0 ELSE 1 END AS n
  FROM quarter
), monthly AS (
  SELECT subject, month, SUM(kwh) AS kwh, MAX(top) AS top, CAST(SUM(n) AS DECIMAL(12,0)) AS n FROM hourly GROUP BY subject, month
)
SELECT subject, month, 'num' AS part, kwh AS num, kwh AS quantity, 'kWh' AS quantity_unit, 1 AS scale FROM monthly WHERE top > 0
UNION ALL
SELECT subject, month, 'den', top * n, top, 'kWh', n FROM monthly WHERE top > 0
