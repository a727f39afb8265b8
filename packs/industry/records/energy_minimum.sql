-- title: 产品理论最低能耗|Theoretical minimum energy of a product
-- file: admin
-- review: admin
-- key: product
-- due: none
-- No plant makes the product with less: the heat of its reactions alone. The record id is the product code (check R8).
CREATE TABLE energy_minimum (
  product VARCHAR NOT NULL CHECK (product <> ''),
  minimum DECIMAL(18,6) NOT NULL CHECK (minimum > 0),
  unit VARCHAR NOT NULL CHECK (unit <> ''),
  basis VARCHAR NOT NULL CHECK (basis <> ''),
  certainty VARCHAR NOT NULL CHECK (certainty IN ('V', 'C', 'H', 'M', 'L'))
);
COMMENT ON COLUMN energy_minimum.product IS '产品代码|Product code';
COMMENT ON COLUMN energy_minimum.minimum IS '理论最低能耗|Theoretical minimum';
COMMENT ON COLUMN energy_minimum.unit IS '单位|Unit';
COMMENT ON COLUMN energy_minimum.basis IS '依据|Basis';
COMMENT ON COLUMN energy_minimum.certainty IS '可信度（V、C、H、M、L）|Certainty (V, C, H, M, L)';
