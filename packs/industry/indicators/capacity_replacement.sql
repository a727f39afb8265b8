-- id: industry.capacity_replacement
-- title: 产能置换比例|Capacity replacement ratio
-- unit: 1
-- kind: ratio
-- better: up
-- scope: 退出产能÷（新增产能×要求比例），≥1 合格；一吨退出产能只用一次|Retired capacity over new capacity x required ratio; 1 or more passes; each retired tonne once
-- clause: 产能置换
-- decimals: 2
-- expect: none
-- period: 2024-01..2025-12
-- order: 23
-- article: 严格执行钢铁、水泥、平板玻璃、菱镁加工等行业产能置换规定
SELECT subject, CAST(EXTRACT(YEAR FROM listed) * 12 + EXTRACT(MONTH FROM listed) - 1 AS INTEGER) AS month, 'num' AS part, retired_capacity_t AS num, 'filed' AS source, sector AS carrier, id AS record, retired_capacity_t AS quantity, 't' AS quantity_unit, CAST(NULL AS DECIMAL(18,6)) AS factor_value, "by" = 'sample' AS sample
FROM rec_two_high_project WHERE required_ratio IS NOT NULL
UNION ALL
SELECT subject, CAST(EXTRACT(YEAR FROM listed) * 12 + EXTRACT(MONTH FROM listed) - 1 AS INTEGER), 'den', CAST(new_capacity_t AS DECIMAL(24,6)) * CAST(required_ratio AS DECIMAL(12,6)), 'filed', sector, id, new_capacity_t, 't', required_ratio, "by" = 'sample' AS sample
FROM rec_two_high_project WHERE required_ratio IS NOT NULL
