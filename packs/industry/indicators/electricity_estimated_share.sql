-- id: industry.electricity_estimated_share
-- months: alone
-- title: 电量估算占比|Share of electricity estimated
-- unit: 1
-- kind: ratio
-- better: down
-- scope: 一级购电计量点|Level-1 electricity purchase points
-- clause: estimated kWh / all kWh
-- decimals: 4
-- display: % 100 | % 100
-- Both sides from the same accounts: what the meter filled in, over all it accounted.
WITH energy AS (
  SELECT p.subject, CAST(EXTRACT(YEAR FROM a.day) * 12 + EXTRACT(MONTH FROM a.day) - 1 AS INTEGER) AS month,
    SUM(a.value) AS total, SUM(a.estimated) AS estimated
  FROM pt p JOIN account_day a ON a.point = p.point
  WHERE p.carrier = 'electricity' AND p.flow = 'purchase' AND COALESCE(p.level, 1) = 1 AND p.kind IN ('register', 'interval')
  GROUP BY p.subject, CAST(EXTRACT(YEAR FROM a.day) * 12 + EXTRACT(MONTH FROM a.day) - 1 AS INTEGER)
)
SELECT subject, month, 'num' AS part, estimated AS num, 'electricity' AS carrier FROM energy
UNION ALL
SELECT subject, month, 'den', total, 'electricity' FROM energy
