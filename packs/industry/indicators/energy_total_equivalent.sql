-- id: industry.energy_total_equivalent
-- months: alone
-- title: 综合能耗（等价值）|Comprehensive energy consumption, equivalent value
-- unit: tce
-- kind: sum
-- better: down
-- scope: 用能单位边界：购入－外供；已计量的品种用表计，否则用填报|Unit boundary: purchased minus exported; metered carriers by meter, others as filed
-- clause: GB/T 2589-2020 3.8; equivalent value of electricity and heat by the coal use of their production
-- decimals: 2
-- display: 万吨标准煤 0.0001 | ktce 0.001
-- Carriers with a keq. factor (electricity, heat, steam) count at equivalent value, all others as in energy_total.
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
)
SELECT subject, month, quantity * factor_value * 0.001 * sign AS num, estimated * factor_value * 0.001 * sign AS est,
  source, carrier, flow AS scope, point, record, quantity, quantity_unit, factor, factor_value, outside, 0.001 AS scale, sign
FROM (SELECT f.*, COALESCE(q.value, f.own_factor, k.value) AS factor_value, CASE WHEN q.value IS NULL AND f.own_factor IS NOT NULL THEN NULL ELSE COALESCE(q.id, k.id) END AS factor, CASE WHEN q.value IS NULL AND f.own_factor IS NOT NULL THEN FALSE ELSE COALESCE(q.outside, k.outside) END AS outside, c.unit AS quantity_unit,
    CASE flow WHEN 'purchase' THEN 1 ELSE -1 END AS sign
  FROM flow f LEFT JOIN rec_carrier c ON c.id = f.carrier
  LEFT JOIN factor_month q ON q.factor = 'keq.' || f.carrier AND q.month = f.month
  LEFT JOIN factor_month k ON k.factor = 'k.' || f.carrier AND k.month = f.month) s
WHERE factor_value IS NOT NULL
