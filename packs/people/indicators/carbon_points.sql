-- id: people.carbon_points
-- title: 碳普惠积分|Points of the carbon account
-- unit: 分
-- kind: sum
-- better: up
-- scope: 先计克、后计分：每人累计每满 100 g 计 1 分；注销者不计|Grams first: one point for each full 100 g of a person's sum; none of erased accounts
-- clause: T/ACEF 031-2022
-- decimals: 0
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
  WHERE a.consent AND e.person IS NULL
), counted AS (
  SELECT c.*, CASE WHEN so_far <= daily_cap THEN amount WHEN so_far - amount < daily_cap THEN daily_cap - (so_far - amount) ELSE 0 END AS units FROM credited c
), ledger AS (
  SELECT subject, month, act, id, "by", CAST(FLOOR(CAST(units AS DECIMAL(14,4)) * CAST(grams_per_unit AS DECIMAL(14,4))) AS BIGINT) AS grams,
    SUM(CAST(FLOOR(CAST(units AS DECIMAL(14,4)) * CAST(grams_per_unit AS DECIMAL(14,4))) AS BIGINT)) OVER (PARTITION BY person ORDER BY started, id) AS after_g FROM counted
)
SELECT subject, month, points AS num, 'filed' AS source, act AS carrier, id AS record, points AS quantity, 'point' AS quantity_unit, sample
FROM (SELECT subject, month, act, id, CAST(FLOOR(after_g / 100.0) - FLOOR((after_g - grams) / 100.0) AS DECIMAL(18,0)) AS points, "by" = 'sample' AS sample FROM ledger) p WHERE points > 0
