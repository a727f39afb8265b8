-- id: industry.lab_date_order
-- title: 检验日期次序|Laboratory dates out of order
-- severity: error
-- clause: MRV integrity: date logic
-- Sampled, sealed, received, tested, reported, uploaded: none before the one it follows.
SELECT subject, month, 'error' AS severity,
  '检验报告 ' || report_no || '：' || next_zh || '日期 ' || CAST(d2 AS VARCHAR) || ' 早于' || first_zh || '日期 ' || CAST(d1 AS VARCHAR) AS text_zh,
  'Report ' || report_no || ': ' || next_en || ' on ' || CAST(d2 AS VARCHAR) || ', before it was ' || first_en || ' on ' || CAST(d1 AS VARCHAR) AS text_en, id AS evidence
FROM (
  SELECT id, subject, month, report_no, 'sampled' AS first_en, 'sealed' AS next_en, '采样' AS first_zh, '封样' AS next_zh, sampled AS d1, sealed AS d2 FROM rec_lab_report UNION ALL
  SELECT id, subject, month, report_no, 'sampled' AS first_en, 'received' AS next_en, '采样' AS first_zh, '收样' AS next_zh, sampled AS d1, received AS d2 FROM rec_lab_report UNION ALL
  SELECT id, subject, month, report_no, 'sealed' AS first_en, 'received' AS next_en, '封样' AS first_zh, '收样' AS next_zh, sealed AS d1, received AS d2 FROM rec_lab_report UNION ALL
  SELECT id, subject, month, report_no, 'received' AS first_en, 'tested' AS next_en, '收样' AS first_zh, '检验' AS next_zh, received AS d1, tested AS d2 FROM rec_lab_report UNION ALL
  SELECT id, subject, month, report_no, 'tested' AS first_en, 'reported' AS next_en, '检验' AS first_zh, '报告' AS next_zh, tested AS d1, reported AS d2 FROM rec_lab_report UNION ALL
  SELECT id, subject, month, report_no, 'reported' AS first_en, 'uploaded' AS next_en, '报告' AS first_zh, '上传' AS next_zh, reported AS d1, uploaded AS d2 FROM rec_lab_report
) x WHERE d2 < d1
