-- id: industry.capacity_replacement
-- title: 产能置换比例|Capacity replacement ratio
-- unit: 1
-- kind: ratio
-- better: up
-- scope: 推进项目已核验退出产能÷（新增产能×列入日有效比例），≥1 合格；一吨退出产能只用一次|Verified retired capacity over new capacity x the ratio in force, projects that go on; 1 or more passes; each retired tonne once
-- clause: 产能置换
-- decimals: 2
-- expect: none
-- period: 2024-01..2025-12
-- order: 24
-- article: 严格执行钢铁、水泥、平板玻璃、菱镁加工等行业产能置换规定
SELECT p.subject, CAST(EXTRACT(YEAR FROM p.listed) * 12 + EXTRACT(MONTH FROM p.listed) - 1 AS INTEGER) AS month, 'num' AS part, u.t AS num, 'filed' AS source, p.sector AS carrier, u.id AS record, u.t AS quantity, 't' AS quantity_unit, CAST(NULL AS DECIMAL(12,6)) AS factor_value, u."by" = 'sample' AS sample
FROM rec_capacity_use u JOIN rec_two_high_project p ON p.id = u.project AND p.decision = 'go_on' AND p.swap_case IS NOT NULL JOIN rec_retired_capacity c ON c.id = u.retired AND c.standing IN ('listed', 'legal') AND c.verified_on IS NOT NULL
UNION ALL
SELECT p.subject, CAST(EXTRACT(YEAR FROM p.listed) * 12 + EXTRACT(MONTH FROM p.listed) - 1 AS INTEGER), 'den', CAST(p.new_capacity_t AS DECIMAL(24,6)) * r.ratio, 'filed', p.sector, p.id, p.new_capacity_t, 't', r.ratio, p."by" = 'sample' AS sample
FROM rec_two_high_project p JOIN rec_swap_ratio r ON r.sector = p.sector AND r.swap_case = p.swap_case AND p.listed >= r.valid_from AND (r.valid_to IS NULL OR p.listed < r.valid_to)
WHERE p.decision = 'go_on'
