-- id: industry.unit_energy.pellet
-- months: alone
-- title: 球团工序单位产品能耗|Pelletising, unit energy
-- unit: kgce/t
-- kind: ratio
-- better: down
-- scope: 工序边界：（消耗－回收）÷合格产品产量|Process boundary: (consumed - recovered) / qualified output
-- clause: GB 21256-2025
-- decimals: 2
-- display: 千克标准煤/吨 1 | kgce/t 1
-- Coefficients of the process: kproc.<carrier> where one is kept (media the works makes itself), k.<carrier> otherwise.
-- e = (sum of input k - sum of recovered k) / qualified output of the process. Both sides only of months that have both.
WITH metered AS (
  SELECT p.subject, p.carrier, p.flow, p.point, CAST(EXTRACT(YEAR FROM a.day) * 12 + EXTRACT(MONTH FROM a.day) - 1 AS INTEGER) AS month,
    SUM(a.value) AS quantity, SUM(a.estimated) AS estimated
  FROM pt p JOIN account_day a ON a.point = p.point
  WHERE p.flow IN ('consume', 'recover') AND COALESCE(p.level, 2) = 2 AND p.kind IN ('register', 'interval')
    AND split_part(p.subject, '.', 2) = 'pellet'
  GROUP BY p.subject, p.carrier, p.flow, p.point, CAST(EXTRACT(YEAR FROM a.day) * 12 + EXTRACT(MONTH FROM a.day) - 1 AS INTEGER)
), flow AS (
  SELECT subject, month, carrier, flow, quantity, estimated, 'measured' AS source, point,
    CAST(NULL AS VARCHAR) AS record, CAST(NULL AS DECIMAL(18,9)) AS own_factor
  FROM metered
  UNION ALL
  SELECT e.subject, e.month, e.carrier, e.flow, e.quantity, 0, 'filed', CAST(NULL AS INTEGER), e.id, e.own_factor
  FROM rec_energy_monthly e
  WHERE e.flow IN ('consume', 'recover') AND split_part(e.subject, '.', 2) = 'pellet'
    AND NOT EXISTS (SELECT 1 FROM metered m WHERE split_part(m.subject, '.', 1) = split_part(e.subject, '.', 1)
      AND split_part(m.subject, '.', 2) = split_part(e.subject, '.', 2) AND m.carrier = e.carrier AND m.month = e.month)
), energy AS (
  SELECT f.*, COALESCE(f.own_factor, kp.value, k.value) AS factor_value,
    CASE WHEN f.own_factor IS NULL THEN COALESCE(kp.id, k.id) END AS factor,
    CASE WHEN f.own_factor IS NULL THEN COALESCE(kp.outside, k.outside) ELSE FALSE END AS outside, c.unit AS quantity_unit,
    CASE f.flow WHEN 'consume' THEN 1 ELSE -1 END AS sign
  FROM flow f LEFT JOIN rec_carrier c ON c.id = f.carrier
  LEFT JOIN factor_month k ON k.factor = 'k.' || f.carrier AND k.month = f.month
  LEFT JOIN factor_month kp ON kp.factor = 'kproc.' || f.carrier AND kp.month = f.month
), metered_output AS (
  SELECT p.subject, p.carrier, p.point, CAST(EXTRACT(YEAR FROM a.day) * 12 + EXTRACT(MONTH FROM a.day) - 1 AS INTEGER) AS month,
    SUM(a.value) AS quantity, SUM(a.estimated) AS estimated
  FROM pt p JOIN account_day a ON a.point = p.point LEFT JOIN rec_subject s
    ON s.id = split_part(p.subject, '.', 1) || '.' || split_part(p.subject, '.', 2)
  WHERE p.flow = 'output' AND p.kind IN ('register', 'interval') AND split_part(p.subject, '.', 2) = 'pellet'
    AND (s.product IS NULL OR s.product = p.carrier)
  GROUP BY p.subject, p.carrier, p.point, CAST(EXTRACT(YEAR FROM a.day) * 12 + EXTRACT(MONTH FROM a.day) - 1 AS INTEGER)
), output AS (
  SELECT subject, month, carrier, quantity, estimated, 'measured' AS source, point, CAST(NULL AS VARCHAR) AS record FROM metered_output
  UNION ALL
  SELECT o.subject, o.month, o.product, o.quantity, 0, 'filed', CAST(NULL AS INTEGER), o.id
  FROM rec_output_monthly o LEFT JOIN rec_subject s
    ON s.id = split_part(o.subject, '.', 1) || '.' || split_part(o.subject, '.', 2)
  WHERE split_part(o.subject, '.', 2) = 'pellet' AND (s.product IS NULL OR s.product = o.product)
    AND NOT EXISTS (SELECT 1 FROM metered_output m
      WHERE split_part(m.subject, '.', 1) = split_part(o.subject, '.', 1) AND m.month = o.month)
)
SELECT e.subject, e.month, 'num' AS part, CAST(e.quantity * e.factor_value * e.sign AS DECIMAL(38,15)) AS num,
  CAST(e.estimated * e.factor_value * e.sign AS DECIMAL(38,15)) AS est, e.source, e.carrier, e.flow AS scope, e.point, e.record, e.quantity, e.quantity_unit, e.factor, e.factor_value, e.outside, e.sign
FROM energy e
WHERE e.factor_value IS NOT NULL AND EXISTS (SELECT 1 FROM output o
  WHERE split_part(o.subject, '.', 1) = split_part(e.subject, '.', 1) AND o.month = e.month)
UNION ALL
SELECT o.subject, o.month, 'den', CAST(o.quantity AS DECIMAL(38,15)), CAST(o.estimated AS DECIMAL(38,15)), o.source, o.carrier, 'output', o.point, o.record, o.quantity, 't',
  NULL, NULL, FALSE, 1
FROM output o
WHERE EXISTS (SELECT 1 FROM energy e WHERE e.factor_value IS NOT NULL
  AND split_part(e.subject, '.', 1) = split_part(o.subject, '.', 1) AND e.month = o.month)
