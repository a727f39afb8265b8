-- id: industry.two_high.proposed
-- title: “两高”项目（拟建）|High-energy projects, proposed
-- unit: 个
-- kind: stock
-- better: none
-- scope: 清单在册项目|Projects on the list
-- clause: 两高项目清单
-- decimals: 0
-- expect: none
-- period: 2025-12
-- order: 20
-- article: 梳理建立拟建、在建、存量“两高”项目清单，实行多部门联合评估论证
SELECT subject, CAST(EXTRACT(YEAR FROM listed) * 12 + EXTRACT(MONTH FROM listed) - 1 AS INTEGER) AS month, 1 AS num, 'filed' AS source, decision AS carrier, id AS record, 1 AS quantity, 'project' AS quantity_unit, 1 AS sign, "by" = 'sample' AS sample FROM rec_two_high_project WHERE state = 'proposed'
UNION ALL
SELECT subject, CAST(EXTRACT(YEAR FROM removed) * 12 + EXTRACT(MONTH FROM removed) - 1 AS INTEGER), -1, 'filed', decision, id, 1, 'project', -1, "by" = 'sample' AS sample FROM rec_two_high_project WHERE state = 'proposed' AND removed IS NOT NULL
