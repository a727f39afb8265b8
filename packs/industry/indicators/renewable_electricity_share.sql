-- id: industry.renewable_electricity_share
-- months: alone
-- title: 自发可再生电力占比|Share of own renewable electricity
-- unit: 1
-- kind: ratio
-- better: up
-- scope: 用能单位；（光伏＋风力自发）÷（净购电＋自发）|Units; own PV and wind / (net purchase + own)
-- clause: GB/T 2589-2020; own generation only, green certificates not counted
-- decimals: 4
-- display: % 100 | % 100
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
SELECT subject, month, part, quantity * sign AS num, estimated * sign AS est, source, carrier, flow AS scope, point, record, quantity,
  'kWh' AS quantity_unit, sign
FROM (SELECT f.*, d.part, CASE f.flow WHEN 'purchase' THEN 1 ELSE -1 END AS sign
  FROM flow f CROSS JOIN (SELECT 'num' AS part UNION ALL SELECT 'den') d
  WHERE f.carrier IN ('pv_electricity', 'wind_electricity') OR (f.carrier = 'electricity' AND d.part = 'den')) s
