-- id: industry.lab_outside_month
-- title: 采样不在所属月份|Sampled outside its month
-- severity: error
-- clause: MRV integrity: date logic
-- A sample stands for the month it was taken in; five days before and after are left.
SELECT subject, month, 'error' AS severity,
  '检验报告 ' || report_no || '：采样日期 ' || CAST(sampled AS VARCHAR) || ' 不在所属月份' AS text_zh,
  'Report ' || report_no || ': sampled on ' || CAST(sampled AS VARCHAR) || ', outside the month it stands for' AS text_en, id AS evidence
FROM rec_lab_report
WHERE CAST(EXTRACT(YEAR FROM sampled - INTERVAL '5' DAY) * 12 + EXTRACT(MONTH FROM sampled - INTERVAL '5' DAY) - 1 AS INTEGER) > month
  OR CAST(EXTRACT(YEAR FROM sampled + INTERVAL '5' DAY) * 12 + EXTRACT(MONTH FROM sampled + INTERVAL '5' DAY) - 1 AS INTEGER) < month
