-- id: industry.transport_stands_for
-- title: 演示记录所代表的文中单位|Which organisation a sample record stands for
-- severity: info
-- about: industry.green_transport_share industry.clean_transport_share
SELECT m.subject, CAST(NULL AS INTEGER) AS month, 'info' AS severity, '演示数据：' || COALESCE(MIN(s.name_zh), m.subject) || ' 代表文中的 ' || m.stands_for AS text_zh,
  'Sample data: ' || COALESCE(MIN(s.name_en), m.subject) || ' stands for ' || m.stands_for || ' of the article' AS text_en, m.subject AS evidence
FROM rec_bulk_movement m LEFT JOIN rec_subject s ON s.id = m.subject WHERE m.stands_for IS NOT NULL GROUP BY m.subject, m.stands_for
