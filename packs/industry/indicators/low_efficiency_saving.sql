-- id: industry.low_efficiency_saving
-- title: 低效设备更新年节电量|Electricity saved by replaced equipment
-- unit: kWh
-- kind: sum
-- better: up
-- scope: 按更换日期计入，年节电量：电动机 P·L·h·(1/η0−1/η1)，变压器损耗差|By date of replacement, kWh a year: motors P L h (1/eta0 - 1/eta1), transformers by loss
-- clause: GB 18613-2020; GB 20052
-- decimals: 0
-- expect: none
-- display: 万kWh 0.0001 | MWh 0.001
-- order: 62
-- article: 排查低效用能设备，倒逼企业提质降耗
SELECT subject, CAST(EXTRACT(YEAR FROM replaced) * 12 + EXTRACT(MONTH FROM replaced) - 1 AS INTEGER) AS month, saved AS num, 'filed' AS source, kind AS carrier, id AS record, saved AS quantity, 'kWh/a' AS quantity_unit, "by" = 'sample' AS sample
FROM (SELECT *, CAST(CASE kind WHEN 'motor' THEN law_motor_saving(CAST(rated_kw AS DOUBLE), CAST(mean_load AS DOUBLE), CAST(hours AS DOUBLE), CAST(efficiency AS DOUBLE) / 100, CAST(new_efficiency AS DOUBLE) / 100)
    ELSE law_transformer_loss(CAST(no_load_kw AS DOUBLE), CAST(load_loss_kw AS DOUBLE), CAST(mean_load AS DOUBLE)) - law_transformer_loss(CAST(new_no_load_kw AS DOUBLE), CAST(new_load_loss_kw AS DOUBLE), CAST(mean_load AS DOUBLE)) END AS DECIMAL(18,6)) AS saved
  FROM rec_equipment WHERE low_efficiency AND replaced IS NOT NULL) e WHERE saved IS NOT NULL
