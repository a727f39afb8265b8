-- id: buildings.roof_pv
-- title: 屋顶光伏容量|Roof PV capacity
-- unit: kWp
-- kind: sum
-- better: up
-- scope: 期内取得施工许可项目的设计屋顶光伏容量|Designed roof PV of projects with a permit in the period
-- clause: 屋顶光伏
-- decimals: 1
-- expect: none
SELECT subject, CAST(EXTRACT(YEAR FROM permit) * 12 + EXTRACT(MONTH FROM permit) - 1 AS INTEGER) AS month, roof_pv_kwp AS num, 'filed' AS source, id AS record, roof_pv_kwp AS quantity, 'kWp' AS quantity_unit, "by" = 'sample' AS sample FROM rec_construction_project WHERE permit IS NOT NULL AND roof_pv_kwp IS NOT NULL
