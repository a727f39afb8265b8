-- id: people.account_not_inventory
-- title: 碳普惠不抵扣清单|The carbon account is not taken off the inventory
-- severity: info
-- about: people.carbon_account
SELECT '210800' AS subject, CAST(NULL AS INTEGER) AS month, 'info' AS severity, '记账克数按方法学估算（可信度 ' || MIN(certainty) || '），其效果已在燃料与电力数据中，绝不从城市清单扣减' AS text_zh,
  'Grams are estimated by methodology (certainty ' || MIN(certainty) || '); the effect is already in fuel and electricity data and is never taken off the inventory' AS text_en, '' AS evidence FROM rec_methodology HAVING COUNT(*) > 0
