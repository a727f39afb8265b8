-- id: energy_p205.r02_coefficient
-- title: 折标系数范围|Coefficient in range
-- severity: block
-- clause: NBS P205-1 reference coefficients; GB/T 2589-2020; rule R2
-- Inside the reference range to the last printed digit, unless a test report of the measured heating value is attached.
SELECT s.row_no, 'coefficient' AS field, CAST(CAST(s.coefficient AS DECIMAL(18,4)) AS VARCHAR) AS value,
  CAST(CAST(c.ref_lo AS DECIMAL(18,4)) AS VARCHAR) || ' .. ' || CAST(CAST(c.ref_hi AS DECIMAL(18,4)) AS VARCHAR) AS expected,
  c.name_zh || '：采用折标系数 ' || CASE WHEN s.coefficient IS NULL THEN '未填' ELSE CAST(CAST(s.coefficient AS DECIMAL(18,4)) AS VARCHAR) END || '，参考范围 ' || CAST(CAST(c.ref_lo AS DECIMAL(18,4)) AS VARCHAR) || '～' || CAST(CAST(c.ref_hi AS DECIMAL(18,4)) AS VARCHAR)
    || CASE WHEN s.coefficient IS NULL THEN '' ELSE '，偏离 ' || CAST(CAST(100 * (s.coefficient / CASE WHEN s.coefficient > c.ref_hi THEN c.ref_hi ELSE c.ref_lo END - 1) AS DECIMAL(18,1)) AS VARCHAR) || ' %，且未附检验报告' END AS text_zh,
  c.name_en || ': coefficient ' || CASE WHEN s.coefficient IS NULL THEN 'missing' ELSE CAST(CAST(s.coefficient AS DECIMAL(18,4)) AS VARCHAR) END || ', reference ' || CAST(CAST(c.ref_lo AS DECIMAL(18,4)) AS VARCHAR) || ' to ' || CAST(CAST(c.ref_hi AS DECIMAL(18,4)) AS VARCHAR)
    || CASE WHEN s.coefficient IS NULL THEN '' ELSE ', off by ' || CAST(CAST(100 * (s.coefficient / CASE WHEN s.coefficient > c.ref_hi THEN c.ref_hi ELSE c.ref_lo END - 1) AS DECIMAL(18,1)) AS VARCHAR) || ' %, and no test report is attached' END AS text_en
FROM sheet s JOIN rec_nbs_code c ON c.id = s.code
WHERE c.ref_lo IS NOT NULL AND s.code <> '40' AND COALESCE(s.test_report, '') = ''
  AND ((s.coefficient IS NULL AND COALESCE(CAST(s.industrial AS DECIMAL(28,6)), 0) > 0) OR s.coefficient < c.ref_lo - 0.0001 OR s.coefficient > c.ref_hi + 0.0001)
