-- id: industry.data_completeness
-- title: 采集完整率|Data completeness
-- unit: 1
-- kind: ratio
-- better: up
-- scope: 已启用的累计与时段量计量点|Adopted register and interval points
-- clause: NECC-NHJC online monitoring of key energy-using units
-- decimals: 4
-- display: % 100 | % 100
-- num = quarters with data, without estimated ones; den = 96 a day from the first day of the point to the newest day of the book.
-- A point that has fallen silent keeps owing its quarters. On the newest day only what the most complete point has is due.
WITH newest AS (
  SELECT a.day, MAX(a.quarters) AS due FROM account_day a
  WHERE a.day = (SELECT MAX(day) FROM account_day) GROUP BY a.day
), meter AS (
  SELECT p.subject, p.point, MIN(a.day) AS first_day
  FROM pt p JOIN account_day a ON a.point = p.point
  WHERE p.kind IN ('register', 'interval') AND p.flow <> 'none' GROUP BY p.subject, p.point
), day_list AS (
  SELECT DISTINCT day FROM account_day
)
SELECT m.subject, CAST(EXTRACT(YEAR FROM a.day) * 12 + EXTRACT(MONTH FROM a.day) - 1 AS INTEGER) AS month, 'num' AS part,
  CAST(SUM(CAST(a.quarters AS INTEGER) - CAST(a.quarters_estimated AS INTEGER)) AS DECIMAL(18,0)) AS num
FROM meter m JOIN account_day a ON a.point = m.point
GROUP BY m.subject, CAST(EXTRACT(YEAR FROM a.day) * 12 + EXTRACT(MONTH FROM a.day) - 1 AS INTEGER)
UNION ALL
SELECT m.subject, CAST(EXTRACT(YEAR FROM a.day) * 12 + EXTRACT(MONTH FROM a.day) - 1 AS INTEGER), 'den', CAST(SUM(CASE WHEN a.day = n.day THEN n.due ELSE 96 END) AS DECIMAL(18,0))
FROM newest n CROSS JOIN meter m JOIN day_list a ON a.day >= m.first_day
GROUP BY m.subject, CAST(EXTRACT(YEAR FROM a.day) * 12 + EXTRACT(MONTH FROM a.day) - 1 AS INTEGER)
