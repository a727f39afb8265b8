-- id: industry.transport_vehicle_feed
-- title: 新能源车不在车辆数据流中|New-energy truck is not in the vehicle feed
-- severity: warn
-- Where the city receives GB/T 32960 (collector gbt32960), a truck that is filed as new-energy with its VIN is heard there: at all, and, when its
-- mileage is a described point, in the hour it was weighed or the one before. A truck without a VIN cannot be looked up: rule transport_stage_source.
WITH heard AS (
  SELECT key, point, substr(split_part(split_part(key, 'vin=', 2), ' ', 1), 1, 17) AS vin FROM series WHERE key LIKE 'gbt32960,%' AND key LIKE '%vin=%'
), mileage AS (
  SELECT h.vin, i.hour FROM heard h JOIN rec_point p ON p.id = h.key JOIN interval_hour i ON i.point = h.point WHERE h.key LIKE '% mileage_km' AND i.readings > 0
)
SELECT m.subject, m.month, 'warn' AS severity,
  CASE WHEN NOT EXISTS (SELECT 1 FROM heard h WHERE h.vin = m.vin) THEN '车辆数据流中没有该新能源车：' ELSE '过磅时该新能源车没有上报数据：' END || m.vin || '（' || m.doc_no || '）' AS text_zh,
  CASE WHEN NOT EXISTS (SELECT 1 FROM heard h WHERE h.vin = m.vin) THEN 'No such new-energy vehicle in the feed: ' ELSE 'The new-energy vehicle sent nothing when it was weighed: ' END || m.vin || ' (' || m.doc_no || ')' AS text_en, m.id AS evidence
FROM rec_bulk_movement m
WHERE m.mode = 'nev_truck' AND m.vin IS NOT NULL AND EXISTS (SELECT 1 FROM heard)
  AND (NOT EXISTS (SELECT 1 FROM heard h WHERE h.vin = m.vin)
    OR m.weighed_at IS NOT NULL AND EXISTS (SELECT 1 FROM mileage k WHERE k.vin = m.vin)
      AND NOT EXISTS (SELECT 1 FROM mileage k WHERE k.vin = m.vin AND k.hour BETWEEN date_trunc('hour', m.weighed_at) - INTERVAL '1 hour' AND date_trunc('hour', m.weighed_at)))
