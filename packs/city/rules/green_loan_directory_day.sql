-- id: city.green_loan_directory_day
-- title: 绿色贷款目录与日期不符|Directory not in force at the date
-- severity: warn
-- about: city.green_loan_balance
SELECT subject, month, 'warn' AS severity, id || '：2025 年版目录自 2025-10-01 施行' AS text_zh, id || ': the 2025 directory is in force from 2025-10-01' AS text_en, id AS evidence
FROM rec_green_loan WHERE directory_version = '2025' AND month < 24309
