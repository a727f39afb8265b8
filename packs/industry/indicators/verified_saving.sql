-- id: industry.verified_saving
-- title: 已核验节能量|Savings verified by meter
-- unit: tce
-- kind: sum
-- better: up
-- scope: 有核验方案的措施；基期模型在报告期气温下的用能－实测用能（当量值）|Measures with a plan: use by the baseline's model at the reporting days' temperature less metered (calorific value)
-- clause: GB/T 28750-2012; IPMVP C; CalTRACK 2.0 3.4
-- decimals: 1
-- expect: none
-- A day counts when at least half of it was metered and its temperature is known; electricity of exactly zero is a missing day (CalTRACK 2.2).
WITH daily AS (
  SELECT s.id, s.subject, p.carrier, p.unit, a.day, a.day <= s.baseline_to AS base, CAST(a.value AS DOUBLE PRECISION) AS y, CAST(w.mean_c AS DOUBLE PRECISION) AS t, a.estimated, s."by" = 'sample' AS sample
  FROM rec_saving_plan s JOIN pt p ON p.id = s.point JOIN account_day a ON a.point = p.point AND (a.day BETWEEN s.baseline_from AND s.baseline_to OR a.day BETWEEN s.report_from AND s.report_to)
    JOIN rec_weather_day w ON w.subject = s.weather AND w.day = a.day
  WHERE a.quarters >= 48 AND NOT (p.carrier = 'electricity' AND a.value = 0)
), baseline AS (
  SELECT id, list(t ORDER BY day) AS t, list(y ORDER BY day) AS y, COUNT(*) AS n FROM daily WHERE base GROUP BY id
), monthly AS (
  SELECT id, subject, carrier, MAX(unit) AS unit, CAST(EXTRACT(YEAR FROM day) * 12 + EXTRACT(MONTH FROM day) - 1 AS INTEGER) AS month, list(t ORDER BY day) AS t, list(y ORDER BY day) AS y, bool_or(sample) AS sample
  FROM daily WHERE NOT base GROUP BY id, subject, carrier, CAST(EXTRACT(YEAR FROM day) * 12 + EXTRACT(MONTH FROM day) - 1 AS INTEGER)
), saved AS (
  SELECT m.id, m.subject, m.carrier, m.unit, m.month, m.sample, CAST(law_mv_avoided(b.t, b.y, m.t, m.y) AS DECIMAL(18,6)) AS quantity FROM monthly m JOIN baseline b ON b.id = m.id
)
SELECT s.subject, s.month, CAST(s.quantity AS DECIMAL(24,6)) * CAST(f.value AS DECIMAL(12,9)) * 0.001 AS num, 'measured' AS source, s.carrier, s.id AS record, s.quantity, s.unit AS quantity_unit,
  f.id AS factor, CAST(f.value AS DECIMAL(12,9)) AS factor_value, f.outside, 0.001 AS scale, s.sample
FROM saved s JOIN factor_month f ON f.factor = 'k.' || s.carrier AND f.month = s.month
WHERE s.quantity IS NOT NULL
