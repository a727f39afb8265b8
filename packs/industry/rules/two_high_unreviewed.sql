-- id: industry.two_high_unreviewed
-- title: “两高”项目未经联合评估论证|High-energy project without a joint review
-- severity: block
-- about: industry.two_high.proposed industry.two_high.building
-- Who is not in operation goes on only after the departments' joint review.
SELECT subject, CAST(EXTRACT(YEAR FROM listed) * 12 + EXTRACT(MONTH FROM listed) - 1 AS INTEGER) AS month, 'block' AS severity,
  name || '：未通过多部门联合评估论证即推进' AS text_zh, name || ': goes on without having passed the joint review' AS text_en, id AS evidence
FROM rec_two_high_project WHERE state IN ('proposed', 'building') AND decision = 'go_on' AND removed IS NULL AND NOT COALESCE(joint_review, FALSE)
