-- id: industry.two_high_unreviewed
-- title: “两高”项目未经联合评估论证|High-energy project without a joint review
-- severity: block
-- about: industry.two_high.proposed industry.two_high.building
-- Who is not in operation goes on only when every department that was asked agrees. Some agree and some refuse: to be decided above them.
SELECT p.subject, CAST(EXTRACT(YEAR FROM p.listed) * 12 + EXTRACT(MONTH FROM p.listed) - 1 AS INTEGER) AS month, 'block' AS severity,
  p.name || '：' || CASE WHEN o.asked IS NULL THEN '未送部门会审即推进' WHEN o.refused > 0 AND o.refused < o.asked - o.open THEN '部门意见不一致，须提级研究：' || o.who_not
    WHEN o.refused > 0 THEN '部门不同意：' || o.who_not WHEN o.open > 0 THEN '会审未完成：' || o.who_not ELSE '意见要求修改：' || o.who_not END AS text_zh,
  p.name || ': ' || CASE WHEN o.asked IS NULL THEN 'goes on and no department was asked' WHEN o.refused > 0 AND o.refused < o.asked - o.open THEN 'the departments disagree, to be decided above them: ' || o.who_not
    WHEN o.refused > 0 THEN 'refused: ' || o.who_not WHEN o.open > 0 THEN 'opinions are due: ' || o.who_not ELSE 'a change is asked for: ' || o.who_not END AS text_en, p.id AS evidence
FROM rec_two_high_project p LEFT JOIN (SELECT project, COUNT(*) AS asked, COUNT(*) FILTER (WHERE opinion IS NULL) AS open, COUNT(*) FILTER (WHERE opinion = 'refuse') AS refused,
    COUNT(*) FILTER (WHERE opinion = 'agree') AS agreed, string_agg(department, ' ' ORDER BY department) FILTER (WHERE opinion IS NULL OR opinion <> 'agree') AS who_not
  FROM rec_joint_opinion GROUP BY project) o ON o.project = p.id
WHERE p.state IN ('proposed', 'building') AND p.decision = 'go_on' AND p.removed IS NULL AND (o.asked IS NULL OR o.agreed < o.asked)
