-- id: people.act_plausible
-- title: 低碳行为不可信|Implausible low-carbon act
-- severity: warn
SELECT subject, month, 'warn' AS severity, id || '：步行超过 19.5 km（3 万步）' AS text_zh, id || ': walked more than 19.5 km (30,000 steps)' AS text_en, id AS evidence FROM rec_low_carbon_act WHERE act = 'walk' AND amount > 19.5
UNION ALL
SELECT MIN(subject), MIN(month), 'warn', person || ' 同一时刻重复记账', person || ': counted twice for one moment', MIN(id) FROM rec_low_carbon_act GROUP BY person, act, device, started HAVING COUNT(*) > 1
