-- id: industry.co2_measured
-- months: alone
-- title: 实测二氧化碳|CO2 as measured
-- unit: tCO2
-- kind: sum
-- better: down
-- scope: 在线监测或仪表直接给出的排放量，与核算量并列|Emissions given by instruments, shown beside the accounted total
-- clause: GB/T 32150-2015 (measurement)
-- decimals: 2
-- display: 万吨二氧化碳 0.0001 | ktCO2 0.001
-- Never added to industry.co2_total: the two count the same gas.
SELECT p.subject, CAST(EXTRACT(YEAR FROM a.day) * 12 + EXTRACT(MONTH FROM a.day) - 1 AS INTEGER) AS month,
  SUM(a.value) AS num, SUM(a.estimated) AS est, p.carrier, p.point, SUM(a.value) AS quantity, 't' AS quantity_unit
FROM pt p JOIN account_day a ON a.point = p.point
WHERE p.flow = 'emission' AND p.kind IN ('register', 'interval')
GROUP BY p.subject, p.carrier, p.point, CAST(EXTRACT(YEAR FROM a.day) * 12 + EXTRACT(MONTH FROM a.day) - 1 AS INTEGER)
