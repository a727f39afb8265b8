-- id: innovation.lab_member_twice
-- title: 一家企业在多个实验室|One firm in several laboratories
-- severity: info
-- about: innovation.lab_members
SELECT '210800' AS subject, CAST(NULL AS INTEGER) AS month, 'info' AS severity, CAST(COUNT(*) AS VARCHAR) || ' 家企业在多个实验室，只计一次；文中“20余家”记为 ≥20' AS text_zh,
  CAST(COUNT(*) AS VARCHAR) || ' firms are in several laboratories and count once; the article says 20 or more' AS text_en, '' AS evidence
FROM (SELECT member FROM rec_lab_member GROUP BY member HAVING COUNT(DISTINCT lab) > 1) s HAVING COUNT(*) > 0
