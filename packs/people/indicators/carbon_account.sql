-- id: people.carbon_account
-- title: 碳普惠记账减排|Carbon account
-- unit: g
-- kind: sum
-- better: up
-- scope: 当日已授权、未追回、未注销的行为×当时有效方法学，计至每日上限；不抵扣城市清单|Acts with consent on their day, not taken back, of no erased account, x the methodology then in force, up to its daily cap; never taken off the inventory
-- clause: T/ACEF 031-2022
-- decimals: 0
-- public: city
-- display: kg 0.001 | kg 0.001
-- expect: none
-- order: 108
-- article: 步行、骑行、公交出行，绿色低碳的交通方式已经深度融入城市运转与群众生活
WITH acts AS (
  SELECT a.*, CAST(a.started + INTERVAL '8 hours' AS DATE) AS day FROM rec_low_carbon_act a WHERE COALESCE(a.clawed_back, FALSE) = FALSE
), credited AS (
  SELECT a.*, m.id AS methodology, m.grams_per_unit, m.daily_cap, SUM(a.amount) OVER (PARTITION BY a.person, a.act, a.day ORDER BY a.started, a.id) AS so_far
  FROM acts a JOIN rec_methodology m ON m.act = a.act AND a.day >= m.valid_from AND (m.valid_to IS NULL OR a.day < m.valid_to)
  JOIN rec_carbon_consent c ON c.person = a.person AND c.scene = a.act AND a.day >= c.given AND (c.withdrawn IS NULL OR a.day < c.withdrawn)
  LEFT JOIN rec_carbon_erasure e ON e.person = a.person
  WHERE a.consent AND (e.person IS NULL OR a.day < e.requested)
)
SELECT subject, month, CAST(counted AS DECIMAL(14,4)) * CAST(grams_per_unit AS DECIMAL(14,4)) AS num, 'filed' AS source, act AS carrier, methodology AS scope, id AS record, CAST(counted AS DECIMAL(14,4)) AS quantity, unit AS quantity_unit,
  CAST(grams_per_unit AS DECIMAL(14,4)) AS factor_value, "by" = 'sample' AS sample
FROM (SELECT c.*, CASE act WHEN 'no_cutlery' THEN 'order' WHEN 'small_portion' THEN 'dish' ELSE 'km' END AS unit,
    CASE WHEN so_far <= daily_cap THEN amount WHEN so_far - amount < daily_cap THEN daily_cap - (so_far - amount) ELSE 0 END AS counted FROM credited c) s WHERE counted > 0
