-- id: industry.peak_demand
-- months: alone
-- title: 最大需量|Peak demand
-- unit: kW
-- kind: max
-- better: down
-- scope: 一级购电计量点 15 分钟电量之和的 4 倍；上级主体为同时最大需量|4 x the 15-minute sum of level-1 electricity purchase points; coincident for a parent subject
-- clause: DL/T 448 (15-minute demand period)
-- decimals: 1
-- display: 万千瓦 0.0001 | MW 0.001
-- Each unit and each of its ancestors has its own row: the peak of a city is the peak of the sum, not the sum of peaks.
-- Windows are the fixed quarters of the clock. A quarter some meters lack is the sum of those present.
WITH RECURSIVE unit_hour AS (
  SELECT split_part(p.subject, '.', 1) AS subject, h.hour, SUM(h.q1) AS q1, SUM(h.q2) AS q2, SUM(h.q3) AS q3, SUM(h.q4) AS q4,
    MAX(CASE WHEN h.s1 >= 3 THEN 1 ELSE 0 END) AS e1, MAX(CASE WHEN h.s2 >= 3 THEN 1 ELSE 0 END) AS e2,
    MAX(CASE WHEN h.s3 >= 3 THEN 1 ELSE 0 END) AS e3, MAX(CASE WHEN h.s4 >= 3 THEN 1 ELSE 0 END) AS e4
  FROM pt p JOIN interval_hour h ON h.point = p.point
  WHERE p.carrier = 'electricity' AND p.flow = 'purchase' AND COALESCE(p.level, 1) = 1 AND p.kind IN ('register', 'interval')
  GROUP BY split_part(p.subject, '.', 1), h.hour
), tree AS (
  SELECT DISTINCT subject AS unit, subject FROM unit_hour
  UNION
  SELECT t.unit, s.parent FROM tree t JOIN rec_subject s ON s.id = t.subject WHERE s.parent IS NOT NULL
), subject_hour AS (
  SELECT t.subject, u.hour, SUM(u.q1) AS q1, SUM(u.q2) AS q2, SUM(u.q3) AS q3, SUM(u.q4) AS q4,
    MAX(u.e1) AS e1, MAX(u.e2) AS e2, MAX(u.e3) AS e3, MAX(u.e4) AS e4
  FROM tree t JOIN unit_hour u ON u.subject = t.unit
  GROUP BY t.subject, u.hour
), hour_peak AS (
  SELECT s.*, GREATEST(q1, q2, q3, q4) AS top,
    CAST(EXTRACT(YEAR FROM hour + INTERVAL '8 hours') * 12 + EXTRACT(MONTH FROM hour + INTERVAL '8 hours') - 1 AS INTEGER) AS month
  FROM subject_hour s
), ranked AS (
  SELECT h.*, ROW_NUMBER() OVER (PARTITION BY subject, month ORDER BY top DESC, hour) AS nth
  FROM hour_peak h WHERE top IS NOT NULL
)
SELECT subject, month, top * 4 AS num, top AS quantity, 'kWh' AS quantity_unit, 4 AS scale, 'electricity' AS carrier,
  CASE WHEN top = q1 THEN e1 WHEN top = q2 THEN e2 WHEN top = q3 THEN e3 ELSE e4 END * top * 4 AS est,
  hour + CASE WHEN top = q1 THEN INTERVAL '0 minutes' WHEN top = q2 THEN INTERVAL '15 minutes'
    WHEN top = q3 THEN INTERVAL '30 minutes' ELSE INTERVAL '45 minutes' END AS "at"
FROM ranked WHERE nth = 1
