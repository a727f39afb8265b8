-- id: industry.lab_same_values
-- title: 化验值逐位相同|Assay values the same to the last digit
-- severity: error
-- clause: MRV integrity: patterns
-- Two samples never give the same heating value and moisture to the last digit.
SELECT a.subject, a.month, 'error' AS severity,
  '检验报告 ' || a.report_no || '：低位发热量 ' || CAST(CAST(a.lhv AS DECIMAL(18,0)) AS VARCHAR) || '、水分 ' || CAST(CAST(a.moisture AS DECIMAL(18,2)) AS VARCHAR) || ' 与报告 ' || b.report_no || ' 逐位相同' AS text_zh,
  'Report ' || a.report_no || ': heating value ' || CAST(CAST(a.lhv AS DECIMAL(18,0)) AS VARCHAR) || ' and moisture ' || CAST(CAST(a.moisture AS DECIMAL(18,2)) AS VARCHAR) || ' are those of report ' || b.report_no
    || ' to the last digit' AS text_en, a.id AS evidence
FROM rec_lab_report a JOIN rec_lab_report b ON b.id <> a.id AND b.carrier = a.carrier AND b.lhv = a.lhv AND b.moisture = a.moisture
  AND COALESCE(b.carbon, 0) = COALESCE(a.carbon, 0) AND (b.month < a.month OR (b.month = a.month AND b.id < a.id))
