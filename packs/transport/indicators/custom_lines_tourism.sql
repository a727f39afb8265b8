-- id: transport.custom_lines.tourism
-- title: 旅游定制专线|Custom bus lines, tourism
-- unit: 条
-- kind: stock
-- better: up
-- scope: 期末在运线路|Lines in operation at the end of the period
-- clause: 城市客运统计
-- decimals: 0
-- expect: none
-- period: 2025-12
-- order: 94
-- article: 创新推出校园定制公交、旅游专线、社区便民专线等多元化服务
SELECT subject, CAST(EXTRACT(YEAR FROM opened) * 12 + EXTRACT(MONTH FROM opened) - 1 AS INTEGER) AS month, 1 AS num, 'filed' AS source, id AS record, 1 AS quantity, 'line' AS quantity_unit, 1 AS sign, "by" = 'sample' AS sample FROM rec_custom_line WHERE kind = 'tourism'
UNION ALL
SELECT subject, CAST(EXTRACT(YEAR FROM ended) * 12 + EXTRACT(MONTH FROM ended) - 1 AS INTEGER), -1, 'filed', id, 1, 'line', -1, "by" = 'sample' AS sample FROM rec_custom_line WHERE kind = 'tourism' AND ended IS NOT NULL
