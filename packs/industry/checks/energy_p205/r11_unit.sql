-- id: energy_p205.r11_unit
-- title: 计量单位疑错|Unit error
-- severity: explain
-- clause: rule R11
-- Ratio to the same month of last year, else to the median of the last 12 months: near 10^k, 2.93 (kgce/MJ), 3.6 (kWh/MJ), 4.1868 (cal/J), 8.14 (kgce/kWh).
WITH past AS (
  SELECT k.row_no, MAX(CASE WHEN h.month = k.month - 12 THEN h.purchase END) AS last_year,
    percentile_cont(0.5) WITHIN GROUP (ORDER BY h.purchase) AS med, COUNT(*) AS n
  FROM (SELECT s.row_no, s.subject, s.month, s.code FROM sheet s) k JOIN rec_energy_p205 h ON h.subject = k.subject AND h.code = k.code
    AND h.month BETWEEN k.month - 12 AND k.month - 1
  WHERE h.purchase > 0 GROUP BY k.row_no
), ratio AS (
  SELECT s.row_no, s.code, s.purchase, COALESCE(p.last_year, p.med) AS ref, s.purchase / COALESCE(p.last_year, p.med) AS r
  FROM sheet s JOIN past p ON p.row_no = s.row_no WHERE s.purchase > 0 AND (p.last_year IS NOT NULL OR p.n >= 3)
), known AS (
  SELECT 10.0 AS f, 0.2 AS tol, '10' AS label UNION ALL SELECT 100.0, 0.25, '100' UNION ALL SELECT 1000.0, 0.3, '1000' UNION ALL SELECT 10000.0, 0.3, '10000'
  UNION ALL SELECT 1000000.0, 0.3, '1000000' UNION ALL SELECT 2.93, 0.08, '2.93 (kgce/MJ)' UNION ALL SELECT 3.6, 0.08, '3.6 (kWh/MJ)'
  UNION ALL SELECT 4.1868, 0.08, '4.1868 (cal/J)' UNION ALL SELECT 8.14, 0.08, '8.14 (kgce/kWh)'
)
SELECT r.row_no, 'purchase' AS field, CAST(CAST(r.purchase AS DECIMAL(18,2)) AS VARCHAR) AS value, CAST(CAST(r.ref AS DECIMAL(18,2)) AS VARCHAR) AS expected,
  COALESCE(c.name_zh, r.code) || '：购进 ' || CAST(CAST(r.purchase AS DECIMAL(18,2)) AS VARCHAR) || ' 是往期 ' || CAST(CAST(r.ref AS DECIMAL(18,2)) AS VARCHAR) || ' 的 ' || CAST(CAST(r.r AS DECIMAL(18,4)) AS VARCHAR) || ' 倍，接近'
    || CASE WHEN r.r < 1 THEN ' 1/' ELSE ' ' END || k.label || '，疑为计量单位填错（应为' || COALESCE(c.unit_zh, '') || '）' AS text_zh,
  COALESCE(c.name_en, r.code) || ': purchase ' || CAST(CAST(r.purchase AS DECIMAL(18,2)) AS VARCHAR) || ' is ' || CAST(CAST(r.r AS DECIMAL(18,4)) AS VARCHAR) || ' times the past ' || CAST(CAST(r.ref AS DECIMAL(18,2)) AS VARCHAR) || ', near'
    || CASE WHEN r.r < 1 THEN ' 1/' ELSE ' ' END || k.label || ': wrong unit? (the form asks for ' || COALESCE(c.unit, '') || ')' AS text_en
FROM ratio r JOIN known k ON ABS(CASE WHEN r.r < 1 THEN 1 / r.r ELSE r.r END / k.f - 1) <= k.tol LEFT JOIN rec_nbs_code c ON c.id = r.code
