-- id: industry.transport_weighing
-- title: 过磅异常|Odd weighing
-- severity: warn
SELECT m.subject, m.month, 'warn' AS severity, m.plate || ' 皮重偏离本车中位数 3 % 以上' AS text_zh, m.plate || ': tare more than 3 % off the median of this truck' AS text_en, m.id AS evidence
FROM rec_bulk_movement m JOIN (SELECT plate, MEDIAN(tare_t) AS middle FROM rec_bulk_movement WHERE plate IS NOT NULL GROUP BY plate) p ON p.plate = m.plate
WHERE ABS(m.tare_t - p.middle) * 100 > p.middle * 3
UNION ALL
SELECT a.subject, a.month, 'warn', a.plate || ' 五分钟内在两台地磅过磅', a.plate || ': two weighbridges within five minutes', a.id
FROM rec_bulk_movement a JOIN rec_bulk_movement b ON b.plate = a.plate AND b.weighbridge <> a.weighbridge AND b.weighed_at > a.weighed_at AND b.weighed_at < a.weighed_at + INTERVAL '5 minutes'
