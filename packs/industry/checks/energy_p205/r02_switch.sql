-- id: energy_p205.r02_switch
-- title: 折标系数改变|Coefficient changed
-- severity: explain
-- clause: GB/T 2589-2020; rule R2
-- A coefficient that moves more than 0.5 % without a report, or falls back from a measured to the default value and so lowers the energy.
SELECT s.row_no, 'coefficient' AS field, CAST(CAST(s.coefficient AS DECIMAL(18,4)) AS VARCHAR) AS value, CAST(CAST(h.coefficient AS DECIMAL(18,4)) AS VARCHAR) AS expected,
  COALESCE(c.name_zh, s.code) || '：折标系数由上月 ' || CAST(CAST(h.coefficient AS DECIMAL(18,4)) AS VARCHAR) || CASE WHEN COALESCE(h.test_report, '') <> '' THEN '（实测）' ELSE '' END || ' 改为 '
    || CAST(CAST(s.coefficient AS DECIMAL(18,4)) AS VARCHAR) || '（无检验报告），折标量因此变化 ' || CAST(CAST(COALESCE(CAST(s.industrial AS DECIMAL(28,6)), 0) * (s.coefficient - h.coefficient) AS DECIMAL(18,1)) AS VARCHAR) || ' 吨标准煤' AS text_zh,
  COALESCE(c.name_en, s.code) || ': coefficient changed from ' || CAST(CAST(h.coefficient AS DECIMAL(18,4)) AS VARCHAR) || CASE WHEN COALESCE(h.test_report, '') <> '' THEN ' (measured)' ELSE '' END || ' to '
    || CAST(CAST(s.coefficient AS DECIMAL(18,4)) AS VARCHAR) || ' without a test report; energy changes by ' || CAST(CAST(COALESCE(CAST(s.industrial AS DECIMAL(28,6)), 0) * (s.coefficient - h.coefficient) AS DECIMAL(18,1)) AS VARCHAR) || ' tce' AS text_en
FROM sheet s JOIN rec_energy_p205 h ON h.subject = s.subject AND h.month = s.month - 1 AND h.code = s.code
LEFT JOIN rec_nbs_code c ON c.id = s.code
WHERE COALESCE(s.test_report, '') = '' AND h.coefficient > 0 AND ABS(s.coefficient - h.coefficient) > 0.005 * h.coefficient
