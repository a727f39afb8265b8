-- id: buildings.standard_compliance
-- title: 节能强制性标准执行率|Compliance with the energy-saving standard
-- unit: %
-- kind: ratio
-- better: up
-- scope: 新建居住（75 %）与公共（72 %）建筑；审图、施工、验收三关到期面积中合格的面积|New residential (75 %) and public (72 %) buildings; area passed over area due at the three gates
-- clause: GB 55015-2021; GB 50411
-- decimals: 2
-- public: yes
-- expect: none
-- period: 2024-01..2025-12
-- order: 70
-- article: 新建建筑节能强制性标准执行率、绿色建筑验收占比均实现100%
SELECT subject, CAST(EXTRACT(YEAR FROM day) * 12 + EXTRACT(MONTH FROM day) - 1 AS INTEGER) AS month, 'num' AS part, area_m2 * 100 AS num, 'filed' AS source, gate AS carrier, id AS record, area_m2 AS quantity, 'm2' AS quantity_unit, 100 AS scale, "by" = 'sample' AS sample FROM (SELECT id, subject, area_m2, "by", 'drawing' AS gate, drawing_day AS day, drawing_pass AS passed FROM rec_construction_project WHERE drawing_day IS NOT NULL AND use_kind IN ('residential', 'public')
  UNION ALL SELECT id, subject, area_m2, "by", 'site', site_day, site_pass FROM rec_construction_project WHERE site_day IS NOT NULL AND use_kind IN ('residential', 'public')
  UNION ALL SELECT id, subject, area_m2, "by", 'acceptance', accept_day, accept_pass FROM rec_construction_project WHERE accept_day IS NOT NULL AND use_kind IN ('residential', 'public')) g WHERE passed
UNION ALL
SELECT subject, CAST(EXTRACT(YEAR FROM day) * 12 + EXTRACT(MONTH FROM day) - 1 AS INTEGER), 'den', area_m2, 'filed', gate, id, area_m2, 'm2', 1, "by" = 'sample' AS sample FROM (SELECT id, subject, area_m2, "by", 'drawing' AS gate, drawing_day AS day, drawing_pass AS passed FROM rec_construction_project WHERE drawing_day IS NOT NULL AND use_kind IN ('residential', 'public')
  UNION ALL SELECT id, subject, area_m2, "by", 'site', site_day, site_pass FROM rec_construction_project WHERE site_day IS NOT NULL AND use_kind IN ('residential', 'public')
  UNION ALL SELECT id, subject, area_m2, "by", 'acceptance', accept_day, accept_pass FROM rec_construction_project WHERE accept_day IS NOT NULL AND use_kind IN ('residential', 'public')) g
