-- id: buildings.green_points
-- title: 绿色建筑评价平均得分|Mean green rating
-- unit: 分
-- kind: ratio
-- better: up
-- scope: Σ 得分÷评价项目数|Sum of points over rated projects
-- clause: GB/T 50378-2019
-- decimals: 1
-- expect: none
-- order: 78
-- article: 2025年全市新开工绿色建筑面积41.32万平方米
SELECT subject, CAST(EXTRACT(YEAR FROM rated) * 12 + EXTRACT(MONTH FROM rated) - 1 AS INTEGER) AS month, 'num' AS part, p AS num, 'filed' AS source, id AS record, p AS quantity, 'point' AS quantity_unit, "by" = 'sample' AS sample FROM (SELECT *, CAST(law_green_points(CASE WHEN control_items THEN 1 ELSE 0 END, CASE WHEN full_fitout THEN 1 ELSE 0 END, CAST(q1 AS DOUBLE), CAST(q2 AS DOUBLE), CAST(q3 AS DOUBLE), CAST(q4 AS DOUBLE), CAST(q5 AS DOUBLE), CAST(qa AS DOUBLE), table_star) AS DECIMAL(18,6)) AS p FROM rec_green_rating) g WHERE p IS NOT NULL
UNION ALL
SELECT subject, CAST(EXTRACT(YEAR FROM rated) * 12 + EXTRACT(MONTH FROM rated) - 1 AS INTEGER), 'den', 1, 'filed', id, 1, 'project', "by" = 'sample' AS sample FROM rec_green_rating WHERE law_green_points(CASE WHEN control_items THEN 1 ELSE 0 END, CASE WHEN full_fitout THEN 1 ELSE 0 END, CAST(q1 AS DOUBLE), CAST(q2 AS DOUBLE), CAST(q3 AS DOUBLE), CAST(q4 AS DOUBLE), CAST(q5 AS DOUBLE), CAST(qa AS DOUBLE), table_star) IS NOT NULL
