-- id: city.green_loan_effect_co2
-- title: 绿色贷款归属减排量|CO2 saved, the lenders' part
-- unit: tCO2
-- kind: sum
-- better: up
-- scope: 项目成效×贷款余额÷项目总投资；与融资排放分表，不相抵|Effect x outstanding / total investment; in a table beside financed emissions, never netted
-- clause: 绿色贷款专项统计; PCAF
-- decimals: 0
-- expect: none
-- series: scope
-- period: 2025-09
-- order: 72
-- article: 各家银行创新推出“光伏贷”“绿色贷”“节水贷”等专属金融产品
SELECT subject, month, part AS num, 'filed' AS source, product AS carrier, directory_version AS scope, id AS record, part AS quantity, 'tCO2' AS quantity_unit, sample
FROM (SELECT *, "by" = 'sample' AS sample, CAST(law_loan_effect(CAST(saved_co2_t AS DOUBLE), CAST(outstanding_wan AS DOUBLE), CAST(total_wan AS DOUBLE)) AS DECIMAL(18,6)) AS part FROM rec_green_project WHERE saved_co2_t IS NOT NULL) p WHERE part IS NOT NULL
