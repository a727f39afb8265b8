-- id: industry.co2_total
-- months: alone
-- title: 二氧化碳排放总量|Total CO2 emissions
-- unit: tCO2
-- kind: sum
-- better: down
-- scope: 企业边界：燃烧＋过程＋购入电热－外供－固碳|Enterprise boundary: combustion + process + purchased electricity and heat - exported - sequestered
-- clause: GB/T 32150-2015; GB/T 32151.5-2015
-- decimals: 2
-- display: 万吨二氧化碳 0.0001 | ktCO2 0.001
-- Electricity by the grid factor of Liaoning (ef.grid.CN-LN). Measured CO2 (flow emission) is industry.co2_measured, not added here.
-- Carriers without a co2_scope (media such as oxygen and water) carry no direct emission and have no factor.
-- A carrier metered at level 1 in a month counts by its meters; otherwise its filing counts; never both for one carrier and month.
WITH metered AS (
  SELECT p.subject, p.carrier, p.flow, p.point, CAST(EXTRACT(YEAR FROM a.day) * 12 + EXTRACT(MONTH FROM a.day) - 1 AS INTEGER) AS month,
    SUM(a.value) AS quantity, SUM(a.estimated) AS estimated
  FROM pt p JOIN account_day a ON a.point = p.point
  WHERE p.flow IN ('purchase', 'export', 'sequester') AND COALESCE(p.level, 1) = 1 AND p.kind IN ('register', 'interval')
  GROUP BY p.subject, p.carrier, p.flow, p.point, CAST(EXTRACT(YEAR FROM a.day) * 12 + EXTRACT(MONTH FROM a.day) - 1 AS INTEGER)
), flow AS (
  SELECT subject, month, carrier, flow, quantity, estimated, 'measured' AS source, point,
    CAST(NULL AS VARCHAR) AS record, CAST(NULL AS DECIMAL(18,9)) AS own_factor
  FROM metered
  UNION ALL
  SELECT e.subject, e.month, e.carrier, e.flow, e.quantity, 0, 'filed', CAST(NULL AS INTEGER), e.id, e.own_factor
  FROM rec_energy_monthly e
  WHERE e.flow IN ('purchase', 'export', 'sequester') AND NOT EXISTS (SELECT 1 FROM metered m
    WHERE split_part(m.subject, '.', 1) = split_part(e.subject, '.', 1) AND m.carrier = e.carrier AND m.month = e.month)
)
SELECT subject, month, quantity * factor_value * sign AS num, estimated * factor_value * sign AS est, source, carrier, scope,
  point, record, quantity, quantity_unit, factor, factor_value, outside, sign
FROM (SELECT f.*, e.value AS factor_value, e.id AS factor, e.outside, c.unit AS quantity_unit,
    CASE WHEN f.flow = 'sequester' THEN 'sequestration' ELSE COALESCE(c.co2_scope, 'combustion') END AS scope,
    CASE f.flow WHEN 'purchase' THEN 1 ELSE -1 END AS sign
  FROM flow f LEFT JOIN rec_carrier c ON c.id = f.carrier
  JOIN factor_month e ON e.month = f.month
    AND e.factor = CASE f.carrier WHEN 'electricity' THEN 'ef.grid.CN-LN' ELSE 'ef.' || f.carrier END) s
