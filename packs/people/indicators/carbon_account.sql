-- id: people.carbon_account
-- title: 碳普惠记账减排|Carbon account
-- unit: g
-- kind: sum
-- better: up
-- scope: 已授权、未追回的行为×当时有效方法学；不抵扣城市清单|Acts with consent and not taken back x the methodology then in force; never taken off the inventory
-- clause: T/ACEF 031-2022
-- decimals: 0
-- display: kg 0.001 | kg 0.001
-- expect: none
-- order: 108
-- article: 步行、骑行、公交出行，绿色低碳的交通方式已经深度融入城市运转与群众生活
WITH credited AS (
  SELECT a.*, m.id AS methodology, m.grams_per_unit, m.daily_cap, SUM(a.amount) OVER (PARTITION BY a.person, a.act, CAST(a.started + INTERVAL '8 hours' AS DATE) ORDER BY a.started, a.id) AS so_far
  FROM rec_low_carbon_act a JOIN rec_methodology m ON m.act = a.act AND CAST(a.started + INTERVAL '8 hours' AS DATE) >= m.valid_from AND (m.valid_to IS NULL OR CAST(a.started + INTERVAL '8 hours' AS DATE) < m.valid_to)
  WHERE a.consent AND COALESCE(a.clawed_back, FALSE) = FALSE
)
SELECT subject, month, CAST(counted AS DECIMAL(14,4)) * CAST(grams_per_unit AS DECIMAL(14,4)) AS num, 'filed' AS source, act AS carrier, methodology AS scope, id AS record, CAST(counted AS DECIMAL(14,4)) AS quantity, unit AS quantity_unit,
  CAST(grams_per_unit AS DECIMAL(14,4)) AS factor_value, "by" = 'sample' AS sample
FROM (SELECT c.*, CASE act WHEN 'no_cutlery' THEN 'order' WHEN 'small_portion' THEN 'dish' ELSE 'km' END AS unit,
    CASE WHEN so_far <= daily_cap THEN amount WHEN so_far - amount < daily_cap THEN daily_cap - (so_far - amount) ELSE 0 END AS counted FROM credited c) s WHERE counted > 0
