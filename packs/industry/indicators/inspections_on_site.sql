-- id: industry.inspections.on_site
-- title: 现场监察办结数|Inspections closed, on site
-- unit: 次
-- kind: sum
-- better: none
-- scope: 办结日期在期内的现场监察|现场监察 closed in the period
-- clause: 节能监察办法
-- decimals: 0
-- expect: none
SELECT subject, CAST(EXTRACT(YEAR FROM closed) * 12 + EXTRACT(MONTH FROM closed) - 1 AS INTEGER) AS month, 1 AS num, 'filed' AS source, "plan" AS carrier, id AS record, 1 AS quantity, 'inspection' AS quantity_unit, "by" = 'sample' AS sample
FROM rec_inspection WHERE closed IS NOT NULL AND kind = 'on_site'
