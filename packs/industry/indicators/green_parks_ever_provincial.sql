-- id: industry.green_parks_ever.provincial
-- title: 曾获省级绿色园区|Green parks ever awarded, provincial
-- unit: 家
-- kind: stock
-- better: up
-- scope: 曾获该级别的全部单位，升级、移出不减|All that ever got this level, promotions and removals not taken off
-- clause: GB/T 36132
-- decimals: 0
-- expect: none
SELECT subject, CAST(EXTRACT(YEAR FROM awarded) * 12 + EXTRACT(MONTH FROM awarded) - 1 AS INTEGER) AS month, 1 AS num, 'filed' AS source, id AS record, 1 AS quantity, 'entity' AS quantity_unit, "by" = 'sample' AS sample FROM rec_green_award WHERE kind = 'park' AND level = 'provincial'
