-- id: industry.two_transport_shares
-- title: 两种运输占比不是同一指标|Two transport shares are two indicators
-- severity: warn
-- about: industry.green_transport_share industry.clean_transport_share
WITH t AS (
  SELECT subject, MAX(month) AS month, SUM(CASE WHEN mode = 'nev_truck' THEN net_t ELSE 0 END) AS nev, SUM(CASE WHEN mode IN ('rail', 'water', 'pipe', 'tube_belt', 'belt_gallery') THEN net_t ELSE 0 END) AS clean, SUM(net_t) AS total
  FROM rec_bulk_movement WHERE leg = 'gate' GROUP BY subject
)
SELECT subject, CAST(NULL AS INTEGER) AS month, 'warn' AS severity,
  '绿色运输占比含新能源重卡 ' || CAST(CAST(nev AS DECIMAL(18,0)) AS VARCHAR) || ' t，清洁方式比例不含；80 % 要求只看后者，两者不可互换' AS text_zh,
  'The green share counts ' || CAST(CAST(nev AS DECIMAL(18,0)) AS VARCHAR) || ' t of new-energy trucks, the clean-mode share does not; the 80 % rule is the latter only' AS text_en, subject AS evidence
FROM t WHERE nev > 0 AND total > 0
