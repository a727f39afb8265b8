-- title: 供应侧销售量|Supplier delivery
-- file: supplier
-- review: department
-- key: supplier subject month carrier
-- due: day 10 of the next month
-- What the grid, gas or heat company says it sold to a unit: the other side of the unit's own filing (check R6).
CREATE TABLE supplier_delivery (
  supplier VARCHAR NOT NULL CHECK (supplier <> ''),
  subject VARCHAR NOT NULL CHECK (subject <> ''),
  month INTEGER NOT NULL CHECK (month BETWEEN 24000 AND 26400),
  carrier VARCHAR NOT NULL CHECK (carrier <> ''),
  quantity DECIMAL(18,6) NOT NULL CHECK (quantity >= 0)
);
COMMENT ON COLUMN supplier_delivery.supplier IS '供应单位|Supplier';
COMMENT ON COLUMN supplier_delivery.subject IS '用能单位编号|Unit id';
COMMENT ON COLUMN supplier_delivery.month IS '月份（年×12＋月−1）|Month (year*12 + month-1)';
COMMENT ON COLUMN supplier_delivery.carrier IS '能源品种代码|Carrier code';
COMMENT ON COLUMN supplier_delivery.quantity IS '销售量 [品种标准单位]|Quantity sold [standard unit of the carrier]';
