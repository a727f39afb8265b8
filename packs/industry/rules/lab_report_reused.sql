-- id: industry.lab_report_reused
-- title: 检验报告重复使用|Laboratory report used twice
-- severity: error
-- clause: MRV integrity: duplicates
-- One report number of a laboratory, or one file, stands for one sample.
SELECT a.subject, a.month, 'error' AS severity,
  '检验报告 ' || a.report_no || CASE WHEN b.sha256 = a.sha256 THEN ' 的文件' ELSE ' 的编号' END || '已用于 ' || b.subject || ' 样品 ' || b.sample_no AS text_zh,
  'Report ' || a.report_no || CASE WHEN b.sha256 = a.sha256 THEN ': its file' ELSE ': its number' END || ' already stands for sample ' || b.sample_no || ' of ' || b.subject AS text_en,
  a.id AS evidence
FROM rec_lab_report a JOIN rec_lab_report b ON b.id <> a.id AND ((b.report_no = a.report_no AND b.lab = a.lab) OR b.sha256 = a.sha256)
  AND (b.month < a.month OR (b.month = a.month AND b.id < a.id))
