-- id: city.green_loan.pv
-- title: 光伏贷余额|Green loans for PV
-- unit: 亿元
-- kind: last
-- better: up
-- scope: 银行报送的期末余额（存量），按当时有效目录；2025-10-01 起换用 2025 年版目录，不可同比|Balance at the end of the month as banks report it, by the directory then in force; the 2025 directory breaks the series on 2025-10-01
-- clause: 绿色贷款专项统计; 绿色金融支持项目目录
-- decimals: 2
-- series: scope
-- expect: quarter
-- period: 2025-09
-- order: 61
-- article: 各家银行创新推出“光伏贷”“绿色贷”“节水贷”等专属金融产品
SELECT subject, month, CAST(balance_wan AS DECIMAL(24,6)) * 0.0001 AS num, 'filed' AS source, product AS carrier, directory_version AS scope, id AS record, balance_wan AS quantity, '10^4 CNY' AS quantity_unit, 0.0001 AS scale, "by" = 'sample' AS sample
FROM rec_green_loan WHERE product = 'pv'
