-- id: industry.power_factor_tariff
-- months: alone
-- title: 平均功率因数（电费口径）|Mean power factor, tariff rule
-- unit: 1
-- kind: power_factor
-- better: up
-- scope: 一级购电计量点；无功＝感性＋容性（绝对值之和）|Level-1 electricity purchase; reactive = lagging + leading, absolute values added
-- clause: 功率因数调整电费办法 (1983)
-- decimals: 4
-- As industry.power_factor, but leading reactive energy is added to the lagging, not taken off.
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
    CASE WHEN e.flow = 'reactive_lead' THEN 1 ELSE 1 END AS sign
  FROM energy e JOIN both_known b ON b.unit = split_part(e.subject, '.', 1) AND b.month = e.month) s
