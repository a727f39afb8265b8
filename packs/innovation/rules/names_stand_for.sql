-- id: innovation.names_stand_for
-- title: 演示记录所代表的文中单位|Which organisation a sample record stands for
-- severity: info
-- about: innovation.projects innovation.catalogue_awards innovation.good_houses
SELECT '210800' AS subject, CAST(NULL AS INTEGER) AS month, 'info' AS severity, '演示数据：' || string_agg(name || ' 代表 ' || stands_for, '；' ORDER BY name) AS text_zh,
  'Sample data: ' || string_agg(name || ' stands for ' || stands_for, '; ' ORDER BY name) || ' of the article' AS text_en, '' AS evidence
FROM (SELECT name, stands_for FROM rec_rd_project WHERE stands_for IS NOT NULL UNION ALL SELECT item, stands_for FROM rec_catalogue_award WHERE stands_for IS NOT NULL) s HAVING COUNT(*) > 0
