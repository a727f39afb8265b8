-- id: innovation.good_houses
-- title: “好房子”典型案例|Model housing schemes
-- unit: 项
-- kind: stock
-- better: up
-- scope: 在册入选项|Entries in force
-- clause: 科技计划立项
-- decimals: 0
-- expect: none
-- period: 2025-12
-- order: 69
-- article: 这两个项目成功入选辽宁省“好房子”建设典型案例
SELECT subject, CAST(EXTRACT(YEAR FROM awarded) * 12 + EXTRACT(MONTH FROM awarded) - 1 AS INTEGER) AS month, 1 AS num, 'filed' AS source, level AS carrier, id AS record, 1 AS quantity, 'entry' AS quantity_unit, 1 AS sign, "by" = 'sample' AS sample FROM rec_catalogue_award WHERE catalogue = 'good_house'
UNION ALL
SELECT subject, CAST(EXTRACT(YEAR FROM removed) * 12 + EXTRACT(MONTH FROM removed) - 1 AS INTEGER), -1, 'filed', level, id, 1, 'entry', -1, "by" = 'sample' AS sample FROM rec_catalogue_award WHERE catalogue = 'good_house' AND removed IS NOT NULL
