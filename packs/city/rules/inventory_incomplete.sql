-- id: city.inventory_incomplete
-- title: 清单未完整估算|Inventory not complete
-- severity: info
-- about: city.inventory_basic city.inventory_territorial
SELECT '210800' AS subject, month, 'info' AS severity, '清单 ' || CAST((month - 11) / 12 AS VARCHAR) || ' 年：' || CAST(SUM(CASE WHEN notation = 'NE' THEN 1 ELSE 0 END) AS VARCHAR) || ' 行未估算（NE），' || CAST(SUM(CASE WHEN notation = 'C' THEN 1 ELSE 0 END) AS VARCHAR) || ' 行保密（C）' AS text_zh,
  'Inventory of ' || CAST((month - 11) / 12 AS VARCHAR) || ': ' || CAST(SUM(CASE WHEN notation = 'NE' THEN 1 ELSE 0 END) AS VARCHAR) || ' rows not estimated (NE), ' || CAST(SUM(CASE WHEN notation = 'C' THEN 1 ELSE 0 END) AS VARCHAR) || ' confidential (C)' AS text_en, '' AS evidence
FROM rec_inventory_row GROUP BY month HAVING SUM(CASE WHEN notation IN ('NE', 'C') THEN 1 ELSE 0 END) > 0
