-- id: people.act_without_consent
-- title: 低碳行为未获授权或已注销|Low-carbon act without consent, or of an erased account
-- severity: warn
-- about: people.carbon_account people.carbon_points
SELECT a.subject, a.month, 'warn' AS severity, a.id || CASE WHEN e.person IS NOT NULL THEN '：账户已注销，注销后的行为不记账' ELSE '：当日无该场景授权，不记账' END AS text_zh,
  a.id || CASE WHEN e.person IS NOT NULL THEN ': the account is erased; what came afterwards is not credited' ELSE ': no consent for this scene on that day, not credited' END AS text_en, a.id AS evidence
FROM rec_low_carbon_act a LEFT JOIN rec_carbon_erasure e ON e.person = a.person AND CAST(a.started + INTERVAL '8 hours' AS DATE) >= e.requested
WHERE a.consent AND (e.person IS NOT NULL OR NOT EXISTS (SELECT 1 FROM rec_carbon_consent c WHERE c.person = a.person AND c.scene = a.act AND CAST(a.started + INTERVAL '8 hours' AS DATE) >= c.given
  AND (c.withdrawn IS NULL OR CAST(a.started + INTERVAL '8 hours' AS DATE) < c.withdrawn)))
