-- id: transport.vehicle_energy_per_km
-- months: alone
-- title: 电动车辆单位里程电耗|Energy per vehicle-km
-- unit: kWh/km
-- kind: ratio
-- better: down
-- scope: 按 GB/T 32960 上报的车辆：电池端净放电量÷行驶里程；不含停车充电|Vehicles that report by GB/T 32960: energy out of the battery less what was recovered, over kilometres; charging while parked is not in it
-- clause: GB/T 32960.3-2016
-- decimals: 3
-- expect: none
-- order: 94
-- An estimate: the collector integrates battery voltage x current between two reports (docs/collectors.md). At the battery: what is
-- drawn from the grid is more by the losses of charging.
WITH trip AS (
  SELECT p.subject, split_part(p.id, ' ', 1) AS vehicle, split_part(p.id, ' ', 2) AS field, p.point,
    CAST(EXTRACT(YEAR FROM a.day) * 12 + EXTRACT(MONTH FROM a.day) - 1 AS INTEGER) AS month, SUM(a.value) AS quantity, SUM(a.estimated) AS estimated
  FROM pt p JOIN account_day a ON a.point = p.point
  WHERE p.id LIKE 'gbt32960,vin=%' AND p.kind IN ('register', 'interval') AND split_part(p.id, ' ', 2) IN ('discharge_kwh', 'regen_kwh', 'mileage_km')
  GROUP BY p.subject, split_part(p.id, ' ', 1), split_part(p.id, ' ', 2), p.point,
    CAST(EXTRACT(YEAR FROM a.day) * 12 + EXTRACT(MONTH FROM a.day) - 1 AS INTEGER)
), driven AS (
  SELECT vehicle, month FROM trip GROUP BY vehicle, month
  HAVING SUM(CASE WHEN field = 'mileage_km' THEN quantity ELSE 0 END) > 0 AND MAX(CASE WHEN field = 'discharge_kwh' THEN 1 ELSE 0 END) = 1
)
SELECT t.subject, t.month, CASE WHEN t.field = 'mileage_km' THEN 'den' ELSE 'num' END AS part,
  t.quantity * CASE WHEN t.field = 'regen_kwh' THEN -1 ELSE 1 END AS num, t.estimated * CASE WHEN t.field = 'regen_kwh' THEN -1 ELSE 1 END AS est,
  t.field AS scope, t.point, t.quantity, CASE WHEN t.field = 'mileage_km' THEN 'km' ELSE 'kWh' END AS quantity_unit,
  CASE WHEN t.field = 'regen_kwh' THEN -1 ELSE 1 END AS sign
FROM trip t JOIN driven d ON d.vehicle = t.vehicle AND d.month = t.month
