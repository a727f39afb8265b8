-- id: industry.transport_balance
-- title: 进出厂运输与物料平衡不符|Movements do not close against the material accounts
-- severity: warn
-- about: industry.green_transport_share industry.clean_transport_share
SELECT a.subject, a.month, 'warn' AS severity, '进出厂运量与物料平衡相差超过 3 %：' || a.direction AS text_zh, 'Movements and material accounts differ by more than 3 %: ' || a.direction AS text_en, a.id AS evidence
FROM rec_material_account a JOIN (SELECT subject, month, direction, SUM(net_t) AS t FROM rec_bulk_movement WHERE leg = 'gate' GROUP BY subject, month, direction) m
  ON m.subject = a.subject AND m.month = a.month AND m.direction = a.direction WHERE ABS(m.t - a.quantity) * 100 > a.quantity * 3
