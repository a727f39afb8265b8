-- id: industry.energy_by_process
-- months: alone
-- title: 工序能耗量|Energy of processes
-- unit: tce
-- kind: sum
-- better: down
-- scope: 工序边界：消耗－回收外供（二级计量）|Process boundary: consumed minus recovered (level-2 metering)
-- clause: GB/T 2589-2020; GB 21256-2025 process energy
-- decimals: 2
-- display: 万吨标准煤 0.0001 | ktce 0.001
-- Processes of iron and steel works (sector 31) take kproc.<carrier> for media the works makes itself, k.<carrier> otherwise.
-- The sum over processes is not the plant total: public utilities, losses and media made inside lie between.
WITH metered AS (
  SELECT p.subject, p.carrier, p.flow, p.point, CAST(EXTRACT(YEAR FROM a.day) * 12 + EXTRACT(MONTH FROM a.day) - 1 AS INTEGER) AS month,
    SUM(a.value) AS quantity, SUM(a.estimated) AS estimated
  FROM pt p JOIN account_day a ON a.point = p.point
  WHERE p.flow IN ('consume', 'recover') AND COALESCE(p.level, 2) = 2 AND p.kind IN ('register', 'interval')
    AND split_part(p.subject, '.', 2) <> ''
  GROUP BY p.subject, p.carrier, p.flow, p.point, CAST(EXTRACT(YEAR FROM a.day) * 12 + EXTRACT(MONTH FROM a.day) - 1 AS INTEGER)
), flow AS (
  SELECT subject, month, carrier, flow, quantity, estimated, 'measured' AS source, point,
    CAST(NULL AS VARCHAR) AS record, CAST(NULL AS DECIMAL(18,9)) AS own_factor
  FROM metered
  UNION ALL
  SELECT e.subject, e.month, e.carrier, e.flow, e.quantity, 0, 'filed', CAST(NULL AS INTEGER), e.id, e.own_factor
  FROM rec_energy_monthly e
  WHERE e.flow IN ('consume', 'recover') AND split_part(e.subject, '.', 2) <> ''
    AND NOT EXISTS (SELECT 1 FROM metered m WHERE split_part(m.subject, '.', 1) = split_part(e.subject, '.', 1)
      AND split_part(m.subject, '.', 2) = split_part(e.subject, '.', 2) AND m.carrier = e.carrier AND m.month = e.month)
)
SELECT subject, month, quantity * factor_value * 0.001 * sign AS num, estimated * factor_value * 0.001 * sign AS est,
  source, carrier, flow AS scope, point, record, quantity, quantity_unit, factor, factor_value, outside, 0.001 AS scale, sign
FROM (SELECT f.*, COALESCE(f.own_factor, kp.value, k.value) AS factor_value,
    CASE WHEN f.own_factor IS NULL THEN COALESCE(kp.id, k.id) END AS factor,
    CASE WHEN f.own_factor IS NULL THEN COALESCE(kp.outside, k.outside) ELSE FALSE END AS outside, c.unit AS quantity_unit,
    CASE f.flow WHEN 'consume' THEN 1 ELSE -1 END AS sign
  FROM flow f LEFT JOIN rec_carrier c ON c.id = f.carrier
  LEFT JOIN factor_month k ON k.factor = 'k.' || f.carrier AND k.month = f.month
  LEFT JOIN rec_subject u ON u.id = split_part(f.subject, '.', 1)
  LEFT JOIN factor_month kp ON kp.factor = 'kproc.' || f.carrier AND kp.month = f.month AND u.sector LIKE '31%') s
WHERE factor_value IS NOT NULL
