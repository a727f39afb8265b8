-- id: city.inventory_ref
-- title: 清单编号不在体系内|Inventory row outside the schema
-- severity: block
-- about: city.inventory_basic city.inventory_territorial
SELECT r.subject, r.month, 'block' AS severity, r.ref || '：不是 GPC 编号' AS text_zh, r.ref || ': not a GPC ref' AS text_en, r.id AS evidence FROM rec_inventory_row r WHERE NOT EXISTS (SELECT 1 FROM rec_gpc_ref g WHERE g.ref = r.ref)
UNION ALL
SELECT r.subject, r.month, 'block', r.ref || '：所计入的 ' || r.included_in || ' 没有数值', r.ref || ': included in ' || r.included_in || ', which has no amount', r.id FROM rec_inventory_row r WHERE r.notation = 'IE' AND NOT EXISTS (SELECT 1 FROM rec_inventory_row o WHERE o.month = r.month AND o.ref = r.included_in AND o.notation = 'value')
