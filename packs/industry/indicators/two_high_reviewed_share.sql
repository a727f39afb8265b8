-- id: industry.two_high.reviewed_share
-- title: “两高”项目联合评估论证通过率|High-energy projects that passed the joint review
-- unit: %
-- kind: ratio
-- better: up
-- scope: 拟建、在建且推进的项目；送审部门全部同意为通过|Proposed and building projects that go on; passed when all departments asked agree
-- clause: 两高项目清单
-- decimals: 0
-- expect: none
-- period: 2024-01..2025-12
-- order: 23
-- article: 梳理建立拟建、在建、存量“两高”项目清单，实行多部门联合评估论证
SELECT p.subject, CAST(EXTRACT(YEAR FROM p.listed) * 12 + EXTRACT(MONTH FROM p.listed) - 1 AS INTEGER) AS month, 'num' AS part, CASE WHEN o.agreed = o.asked THEN 100 ELSE 0 END AS num, 'filed' AS source, p.state AS carrier, p.id AS record, CASE WHEN o.agreed = o.asked THEN 1 ELSE 0 END AS quantity, 'project' AS quantity_unit, 100 AS scale, p."by" = 'sample' AS sample
FROM rec_two_high_project p LEFT JOIN (SELECT project, COUNT(*) AS asked, COUNT(*) FILTER (WHERE opinion = 'agree') AS agreed FROM rec_joint_opinion GROUP BY project) o ON o.project = p.id
WHERE p.state IN ('proposed', 'building') AND p.decision = 'go_on'
UNION ALL
SELECT p.subject, CAST(EXTRACT(YEAR FROM p.listed) * 12 + EXTRACT(MONTH FROM p.listed) - 1 AS INTEGER), 'den', 1, 'filed', p.state, p.id, 1, 'project', 1, p."by" = 'sample' AS sample
FROM rec_two_high_project p WHERE p.state IN ('proposed', 'building') AND p.decision = 'go_on'
