-- id: energy_p205.r01_total
-- title: 能源合计|Total energy
-- severity: block
-- clause: NBS P205-1; rule R1
-- Row 40, when filed, is the sum of the others in tce: (industrial - transformation output - recovery) x coefficient.
SELECT s.row_no, 'industrial' AS field, CAST(CAST(COALESCE(CAST(s.industrial AS DECIMAL(28,6)), 0) AS DECIMAL(18,2)) AS VARCHAR) AS value, CAST(CAST(t.tce AS DECIMAL(18,2)) AS VARCHAR) AS expected,
  '能源合计 ' || CAST(CAST(COALESCE(CAST(s.industrial AS DECIMAL(28,6)), 0) AS DECIMAL(18,2)) AS VARCHAR) || ' 吨标准煤，各品种折算之和为 ' || CAST(CAST(t.tce AS DECIMAL(18,2)) AS VARCHAR) || '，相差 ' || CAST(CAST(COALESCE(CAST(s.industrial AS DECIMAL(28,6)), 0) - t.tce AS DECIMAL(18,2)) AS VARCHAR) AS text_zh,
  'Total energy ' || CAST(CAST(COALESCE(CAST(s.industrial AS DECIMAL(28,6)), 0) AS DECIMAL(18,2)) AS VARCHAR) || ' tce, the varieties add up to ' || CAST(CAST(t.tce AS DECIMAL(18,2)) AS VARCHAR) || ': ' || CAST(CAST(COALESCE(CAST(s.industrial AS DECIMAL(28,6)), 0) - t.tce AS DECIMAL(18,2)) AS VARCHAR) || ' apart' AS text_en
FROM sheet s JOIN (SELECT s.subject, s.month, SUM((COALESCE(CAST(s.industrial AS DECIMAL(28,6)), 0) - COALESCE(CAST(s.transform_output AS DECIMAL(28,6)), 0) - COALESCE(CAST(s.recovery AS DECIMAL(28,6)), 0)) * COALESCE(CAST(s.coefficient AS DECIMAL(28,6)), 0)) AS tce
  FROM sheet s WHERE s.code <> '40' GROUP BY s.subject, s.month) t ON t.subject = s.subject AND t.month = s.month
WHERE s.code = '40' AND ABS(COALESCE(CAST(s.industrial AS DECIMAL(28,6)), 0) - t.tce) > 1
