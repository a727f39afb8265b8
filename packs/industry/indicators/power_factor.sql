-- id: industry.power_factor
-- months: alone
-- title: 平均功率因数（净无功）|Mean power factor, net reactive
-- unit: 1
-- kind: power_factor
-- better: up
-- scope: 一级购电计量点；无功＝感性－容性|Level-1 electricity purchase; reactive = lagging - leading
-- clause: P / sqrt(P^2 + Q^2) over energies of the period
-- decimals: 4
-- num rows: kWh. den rows: kvarh, lagging with sign 1, leading with sign -1: the net reactive energy of the period.
-- The tariff counts leading as a burden too (sum of both): that is industry.power_factor_tariff. Only units with a reactive meter in the month are counted.
WITH energy AS (
  SELECT p.subject, p.flow, p.carrier, p.point, CAST(EXTRACT(YEAR FROM a.day) * 12 + EXTRACT(MONTH FROM a.day) - 1 AS INTEGER) AS month,
    SUM(a.value) AS quantity, SUM(a.estimated) AS estimated
  FROM pt p JOIN account_day a ON a.point = p.point
  WHERE p.kind IN ('register', 'interval') AND COALESCE(p.level, 1) = 1
    AND (p.flow IN ('reactive_lag', 'reactive_lead') OR (p.flow = 'purchase' AND p.carrier = 'electricity'))
  GROUP BY p.subject, p.flow, p.carrier, p.point, CAST(EXTRACT(YEAR FROM a.day) * 12 + EXTRACT(MONTH FROM a.day) - 1 AS INTEGER)
), both_known AS (
  SELECT split_part(subject, '.', 1) AS unit, month FROM energy
  GROUP BY split_part(subject, '.', 1), month
  HAVING MAX(CASE WHEN flow = 'purchase' THEN 1 ELSE 0 END) = 1 AND MAX(CASE WHEN flow = 'purchase' THEN 0 ELSE 1 END) = 1
)
SELECT subject, month, part, quantity * sign AS num, estimated * sign AS est, flow AS scope, point, quantity, quantity_unit, sign
FROM (SELECT e.*, CASE WHEN e.flow = 'purchase' THEN 'num' ELSE 'den' END AS part,
    CASE WHEN e.flow = 'purchase' THEN 'kWh' ELSE 'kvarh' END AS quantity_unit,
    CASE WHEN e.flow = 'reactive_lead' THEN -1 ELSE 1 END AS sign
  FROM energy e JOIN both_known b ON b.unit = split_part(e.subject, '.', 1) AND b.month = e.month) s
