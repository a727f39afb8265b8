-- id: buildings.heat_index
-- title: 设计耗热量指标|Designed heat-consumption index
-- unit: W/m2
-- kind: ratio
-- better: down
-- scope: Σ 耗热量指标×面积÷Σ 面积；室内 18 ℃、供暖期室外平均 −2.55 ℃、换气 0.5 次/h|Sum of index x area over area; 18 degC indoors, season mean -2.55 degC, 0.5 air changes
-- clause: JGJ 26
-- decimals: 2
-- expect: none
-- order: 74
-- article: 新建建筑节能强制性标准执行率、绿色建筑验收占比均实现100%
SELECT subject, CAST(EXTRACT(YEAR FROM designed) * 12 + EXTRACT(MONTH FROM designed) - 1 AS INTEGER) AS month, 'num' AS part, q AS num, 'filed' AS source, id AS record, q AS quantity, 'W' AS quantity_unit, "by" = 'sample' AS sample FROM (SELECT *, CAST(law_heat_index(CAST(floor_m2 AS DOUBLE), CAST(volume_m3 AS DOUBLE), CAST(ekf_w_k AS DOUBLE), 18, -2.55, 0.5, 0.28, 3.8) * CAST(floor_m2 AS DOUBLE) AS DECIMAL(18,6)) AS q FROM rec_envelope_design) e WHERE q IS NOT NULL
UNION ALL
SELECT subject, CAST(EXTRACT(YEAR FROM designed) * 12 + EXTRACT(MONTH FROM designed) - 1 AS INTEGER), 'den', floor_m2, 'filed', id, floor_m2, 'm2', "by" = 'sample' AS sample FROM rec_envelope_design WHERE law_heat_index(CAST(floor_m2 AS DOUBLE), CAST(volume_m3 AS DOUBLE), CAST(ekf_w_k AS DOUBLE), 18, -2.55, 0.5, 0.28, 3.8) IS NOT NULL
