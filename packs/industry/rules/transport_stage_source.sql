-- id: industry.transport_stage_source
-- title: 车辆排放阶段依据不足|Emission stage without a registration
-- severity: warn
SELECT subject, month, 'warn' AS severity, '排放阶段为司机自报：' || doc_no AS text_zh, 'Emission stage as told by the driver: ' || doc_no AS text_en, id AS evidence FROM rec_bulk_movement WHERE stage_source = 'driver'
UNION ALL
SELECT subject, month, 'warn', '新能源车未经平台核实：' || doc_no, 'New-energy truck not confirmed: ' || doc_no, id FROM rec_bulk_movement WHERE mode = 'nev_truck' AND COALESCE(nev_confirmed, FALSE) = FALSE
