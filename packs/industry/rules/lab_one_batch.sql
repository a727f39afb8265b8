-- id: industry.lab_one_batch
-- title: 多月样品同日收样|Samples of several months received in one day
-- severity: error
-- clause: MRV integrity: batch check
-- Monthly reports of samples that came in one batch: the month each is said to stand for is not known.
SELECT a.subject, a.month, 'error' AS severity,
  '检验报告 ' || a.report_no || '：' || CAST(a.received AS VARCHAR) || ' 同日收到 ' || CAST(b.months AS VARCHAR) || ' 个月份的样品' AS text_zh,
  'Report ' || a.report_no || ': samples of ' || CAST(b.months AS VARCHAR) || ' months were received on one day, ' || CAST(a.received AS VARCHAR) AS text_en, a.id AS evidence
FROM rec_lab_report a JOIN (SELECT subject, carrier, received, COUNT(DISTINCT month) AS months FROM rec_lab_report
  GROUP BY subject, carrier, received HAVING COUNT(DISTINCT month) > 1) b ON b.subject = a.subject AND b.carrier = a.carrier AND b.received = a.received
