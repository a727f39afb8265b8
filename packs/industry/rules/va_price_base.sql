-- id: industry.va_price_base
-- title: 增加值价格基期不一致|Value added at mixed prices
-- severity: warn
-- clause: NBS industrial statistics (comparable prices)
SELECT subject, CAST(NULL AS INTEGER) AS month, 'warn' AS severity,
  '增加值有 ' || CAST(COUNT(DISTINCT price_base) AS VARCHAR) || ' 种价格基期（' || MIN(price_base) || ' 至 ' || MAX(price_base) || '），年度间不可比' AS text_zh,
  'Value added at ' || CAST(COUNT(DISTINCT price_base) AS VARCHAR) || ' price bases (' || MIN(price_base) || ' to ' || MAX(price_base)
    || '): years cannot be compared' AS text_en, subject AS evidence
FROM rec_va_monthly GROUP BY subject HAVING COUNT(DISTINCT price_base) > 1
