-- id: city.green_loan_balance
-- title: 绿色贷款余额|Green loan balance
-- unit: 亿元
-- kind: last
-- better: up
-- scope: 银行报送的期末余额（存量），按当时有效目录；2025-10-01 起换用 2025 年版目录，不可同比|Balance at the end of the month as banks report it, by the directory then in force; the 2025 directory breaks the series on 2025-10-01
-- clause: 绿色贷款专项统计; 绿色金融支持项目目录
-- decimals: 2
-- public: yes
-- series: scope
-- expect: quarter
-- period: 2025-09
-- order: 60
-- article: 截至2025年三季度末，全市绿色贷款余额达154.28亿元
SELECT subject, month, CAST(balance_wan AS DECIMAL(24,6)) * 0.0001 AS num, 'filed' AS source, product AS carrier, directory_version AS scope, id AS record, balance_wan AS quantity, '10^4 CNY' AS quantity_unit, 0.0001 AS scale, "by" = 'sample' AS sample
FROM rec_green_loan
