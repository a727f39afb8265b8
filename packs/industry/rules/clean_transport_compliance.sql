-- id: industry.clean_transport_compliance
-- title: 清洁运输合规判定|Clean transport, compliance
-- severity: warn
-- about: industry.clean_transport_share
-- clause: 环大气〔2019〕35号
WITH y AS (
  SELECT subject, CAST(FLOOR(month / 12) AS INTEGER) AS year, MAX(month) AS month, SUM(net_t) AS total, SUM(CASE WHEN mode IN ('rail', 'water', 'pipe', 'tube_belt', 'belt_gallery') THEN net_t ELSE 0 END) AS clean,
    SUM(CASE WHEN mode IN ('diesel5_truck', 'other_truck') THEN net_t ELSE 0 END) AS old
  FROM rec_bulk_movement WHERE leg = 'gate' GROUP BY subject, CAST(FLOOR(month / 12) AS INTEGER)
)
SELECT subject, month, 'warn' AS severity, '清洁方式不足 80 % 且仍有国五及以下汽车运输，不合规' AS text_zh, 'Clean modes below 80 % and older trucks still in use: not compliant' AS text_en, subject AS evidence
FROM y WHERE clean * 100 < total * 80 AND old > 0
