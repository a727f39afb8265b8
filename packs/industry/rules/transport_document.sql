-- id: industry.transport_document
-- title: 运输凭证与方式不符或重复|Document does not fit the mode, or is used twice
-- severity: warn
SELECT subject, month, 'warn' AS severity, '凭证 ' || doc_no || ' 与运输方式 ' || mode || ' 不符' AS text_zh, 'Document ' || doc_no || ' does not fit mode ' || mode AS text_en, id AS evidence
FROM rec_bulk_movement WHERE (mode = 'rail' AND doc_type <> 'rail_waybill') OR (mode = 'water' AND doc_type <> 'ship_bill') OR (mode = 'pipe' AND doc_type <> 'pipeline_meter')
  OR (mode IN ('tube_belt', 'belt_gallery') AND doc_type <> 'belt_scale') OR (mode LIKE '%truck' AND doc_type <> 'weighbridge')
UNION ALL
SELECT MIN(subject), MIN(month), 'warn', '凭证号 ' || doc_no || ' 出现 ' || CAST(COUNT(*) AS VARCHAR) || ' 次，一吨货物只计一次', 'Document number ' || doc_no || ' used ' || CAST(COUNT(*) AS VARCHAR) || ' times', MIN(id)
FROM rec_bulk_movement GROUP BY doc_no HAVING COUNT(*) > 1
