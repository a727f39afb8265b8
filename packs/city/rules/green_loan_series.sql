-- id: city.green_loan_series
-- title: 绿色贷款目录换版|Green loan directory changed
-- severity: warn
-- about: city.green_loan_balance city.green_loan.pv city.green_loan.green city.green_loan.water
SELECT '210800' AS subject, CAST(NULL AS INTEGER) AS month, 'warn' AS severity, '余额按 ' || MIN(directory_version) || ' 与 ' || MAX(directory_version) || ' 两版目录统计，2025-10-01 起序列中断，跨版不作同比' AS text_zh,
  'Balances by the directories ' || MIN(directory_version) || ' and ' || MAX(directory_version) || ': the series breaks on 2025-10-01, no year on year across it' AS text_en, '' AS evidence
FROM rec_green_loan HAVING COUNT(DISTINCT directory_version) > 1
