-- id: people.sales_growth_not_share
-- title: 家电零售为增速而非占比|Appliance retail is growth, not a share
-- severity: info
-- about: people.efficient_appliance_sales_change
SELECT '210800' AS subject, CAST(NULL AS INTEGER) AS month, 'info' AS severity, '同比增速，仅限额以上、两年均有的单位；' || CAST(COUNT(DISTINCT merchant) AS VARCHAR) || ' 家无上年同期，未计入' AS text_zh,
  'Growth of units above quota that both years have; ' || CAST(COUNT(DISTINCT merchant) AS VARCHAR) || ' without last year are left out' AS text_en, MIN(merchant) AS evidence
FROM rec_appliance_sale a WHERE above_quota AND grade IN (1, 2) AND NOT EXISTS (SELECT 1 FROM rec_appliance_sale b WHERE b.merchant = a.merchant AND b.category = a.category AND COALESCE(b.grade, 0) = COALESCE(a.grade, 0) AND b.above_quota AND (b.month = a.month - 12 OR b.month = a.month + 12)) HAVING COUNT(*) > 0
