-- id: industry.capacity_short
-- title: 置换产能不足|Too little capacity retired
-- severity: block
-- about: industry.capacity_replacement
-- Retired capacity that is eligible and verified must be at least ratio x new capacity, by the ratio in force on the day of listing.
SELECT subject, month, 'block' AS severity,
  CASE WHEN ratio IS NULL THEN name || '：' || sector || '无 ' || swap_case || ' 情形的有效置换比例'
    WHEN suspended THEN name || '：' || sector || '产能置换已暂停实施（列入日 ' || CAST(listed AS VARCHAR) || '）'
    ELSE name || '：已核验退出 ' || CAST(CAST(verified AS DECIMAL(18,0)) AS VARCHAR) || ' t，须 ' || CAST(CAST(need AS DECIMAL(18,0)) AS VARCHAR) || ' t（新增 ' || CAST(CAST(new_capacity_t AS DECIMAL(18,0)) AS VARCHAR) || ' t × ' || CAST(CAST(ratio AS DECIMAL(6,2)) AS VARCHAR) || '）；申报使用 ' || CAST(CAST(claimed AS DECIMAL(18,0)) AS VARCHAR) || ' t' END AS text_zh,
  CASE WHEN ratio IS NULL THEN name || ': no ratio in force for ' || sector || ', case ' || swap_case
    WHEN suspended THEN name || ': replacement in ' || sector || ' is suspended on its day of listing, ' || CAST(listed AS VARCHAR)
    ELSE name || ': ' || CAST(CAST(verified AS DECIMAL(18,0)) AS VARCHAR) || ' t retired and verified, ' || CAST(CAST(need AS DECIMAL(18,0)) AS VARCHAR) || ' t needed (' || CAST(CAST(new_capacity_t AS DECIMAL(18,0)) AS VARCHAR) || ' t new x ' || CAST(CAST(ratio AS DECIMAL(6,2)) AS VARCHAR) || '); ' || CAST(CAST(claimed AS DECIMAL(18,0)) AS VARCHAR) || ' t claimed' END AS text_en,
  id AS evidence
FROM (SELECT p.id, p.subject, p.name, p.sector, p.swap_case, p.listed, p.new_capacity_t, r.ratio, r.suspended, CAST(EXTRACT(YEAR FROM p.listed) * 12 + EXTRACT(MONTH FROM p.listed) - 1 AS INTEGER) AS month,
    CAST(p.new_capacity_t AS DECIMAL(24,6)) * CAST(r.ratio AS DECIMAL(12,6)) AS need,
    COALESCE((SELECT SUM(u.t) FROM rec_capacity_use u WHERE u.project = p.id), 0) AS claimed,
    COALESCE((SELECT SUM(u.t) FROM rec_capacity_use u JOIN rec_retired_capacity c ON c.id = u.retired
      WHERE u.project = p.id AND c.standing IN ('listed', 'legal') AND c.verified_on IS NOT NULL), 0) AS verified
  FROM rec_two_high_project p LEFT JOIN rec_swap_ratio r ON r.sector = p.sector AND r.swap_case = p.swap_case AND p.listed >= r.valid_from AND (r.valid_to IS NULL OR p.listed < r.valid_to)
  WHERE p.swap_case IS NOT NULL AND p.removed IS NULL AND p.decision = 'go_on') q
WHERE ratio IS NULL OR suspended OR verified < need
