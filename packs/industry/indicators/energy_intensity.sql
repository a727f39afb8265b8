-- id: industry.energy_intensity
-- months: alone
-- title: 单位工业增加值能耗|Energy per value added
-- unit: tce/10^4 CNY
-- kind: ratio
-- better: down
-- scope: 同时有能耗与增加值的单位和月份；当量值|Units and months that have both energy and value added; calorific value
-- clause: GB/T 2589-2020 e_v = E / V
-- decimals: 4
-- display: 吨标准煤/万元 1 | tce per 10^4 CNY 1
-- Comparisons between years need value added at constant prices (price_base).
-- A carrier metered at level 1 in a month counts by its meters; otherwise its filing counts; never both for one carrier and month.
WITH metered AS (
  SELECT p.subject, p.carrier, p.flow, p.point, CAST(EXTRACT(YEAR FROM a.day) * 12 + EXTRACT(MONTH FROM a.day) - 1 AS INTEGER) AS month,
    SUM(a.value) AS quantity, SUM(a.estimated) AS estimated
  FROM pt p JOIN account_day a ON a.point = p.point
  WHERE p.flow IN ('purchase', 'export') AND COALESCE(p.level, 1) = 1 AND p.kind IN ('register', 'interval')
  GROUP BY p.subject, p.carrier, p.flow, p.point, CAST(EXTRACT(YEAR FROM a.day) * 12 + EXTRACT(MONTH FROM a.day) - 1 AS INTEGER)
), flow AS (
  SELECT subject, month, carrier, flow, quantity, estimated, 'measured' AS source, point,
    CAST(NULL AS VARCHAR) AS record, CAST(NULL AS DECIMAL(18,9)) AS own_factor
  FROM metered
  UNION ALL
  SELECT e.subject, e.month, e.carrier, e.flow, e.quantity, 0, 'filed', CAST(NULL AS INTEGER), e.id, e.own_factor
  FROM rec_energy_monthly e
  WHERE e.flow IN ('purchase', 'export') AND NOT EXISTS (SELECT 1 FROM metered m
    WHERE split_part(m.subject, '.', 1) = split_part(e.subject, '.', 1) AND m.carrier = e.carrier AND m.month = e.month)
), energy AS (
  SELECT f.*, COALESCE(f.own_factor, k.value) AS factor_value, CASE WHEN f.own_factor IS NULL THEN k.id END AS factor,
    CASE WHEN f.own_factor IS NULL THEN k.outside ELSE FALSE END AS outside, c.unit AS quantity_unit,
    CASE flow WHEN 'purchase' THEN 1 ELSE -1 END AS sign
  FROM flow f LEFT JOIN rec_carrier c ON c.id = f.carrier
  LEFT JOIN factor_month k ON k.factor = 'k.' || f.carrier AND k.month = f.month
)
SELECT e.subject, e.month, 'num' AS part, CAST(e.quantity * e.factor_value * 0.001 * e.sign AS DECIMAL(38,18)) AS num,
  CAST(e.estimated * e.factor_value * 0.001 * e.sign AS DECIMAL(38,18)) AS est, e.source, e.carrier, e.flow AS scope, e.point, e.record, e.quantity,
  e.quantity_unit, e.factor, e.factor_value, e.outside, 0.001 AS scale, e.sign
FROM energy e
WHERE e.factor_value IS NOT NULL AND EXISTS (SELECT 1 FROM rec_va_monthly v
  WHERE v.subject = split_part(e.subject, '.', 1) AND v.month = e.month)
UNION ALL
SELECT v.subject, v.month, 'den', CAST(v.value_added_cny * 0.0001 AS DECIMAL(38,18)), CAST(0 AS DECIMAL(38,18)), 'filed', NULL, v.price_base, NULL, v.id, v.value_added_cny, 'CNY',
  NULL, NULL, FALSE, 0.0001, 1
FROM rec_va_monthly v
WHERE EXISTS (SELECT 1 FROM energy e WHERE e.factor_value IS NOT NULL
  AND split_part(e.subject, '.', 1) = v.subject AND e.month = v.month)
