-- title: 温室气体清单|GHG inventory
-- file: department
-- review: department
-- key: month ref
-- due: none
-- One row of the annual inventory, gases as masses. A row has amounts or a notation key: NO does not occur, IE included elsewhere, NE not estimated, C confidential. Month: December of the year.
CREATE TABLE inventory_row (
  subject VARCHAR NOT NULL CHECK (subject <> ''),
  month INTEGER NOT NULL CHECK (month BETWEEN 24000 AND 26400),
  ref VARCHAR NOT NULL CHECK (ref <> ''),
  notation VARCHAR NOT NULL CHECK (notation IN ('value', 'NO', 'IE', 'NE', 'C')),
  included_in VARCHAR,
  co2_t DECIMAL(18,6),
  ch4_t DECIMAL(18,6) CHECK (ch4_t >= 0),
  n2o_t DECIMAL(18,6) CHECK (n2o_t >= 0),
  biogenic_co2_t DECIMAL(18,6) CHECK (biogenic_co2_t >= 0),
  source VARCHAR NOT NULL CHECK (source <> ''),
  CHECK (notation = 'value' OR (COALESCE(co2_t, 0) = 0 AND COALESCE(ch4_t, 0) = 0 AND COALESCE(n2o_t, 0) = 0)),
  CHECK (notation <> 'IE' OR included_in IS NOT NULL),
  CHECK (month % 12 = 11)
);
COMMENT ON COLUMN inventory_row.subject IS '主体编号|Subject id';
COMMENT ON COLUMN inventory_row.month IS '月份（年×12＋月−1）|Month (year*12 + month-1)';
COMMENT ON COLUMN inventory_row.ref IS 'GPC 编号|GPC ref';
COMMENT ON COLUMN inventory_row.notation IS '记号（数值、不发生、他处计入、未估算、保密）|Notation key';
COMMENT ON COLUMN inventory_row.included_in IS '计入的编号|Included in';
COMMENT ON COLUMN inventory_row.co2_t IS '二氧化碳 [t]|CO2 [t]';
COMMENT ON COLUMN inventory_row.ch4_t IS '甲烷 [t]|CH4 [t]';
COMMENT ON COLUMN inventory_row.n2o_t IS '氧化亚氮 [t]|N2O [t]';
COMMENT ON COLUMN inventory_row.biogenic_co2_t IS '生物源二氧化碳 [t]|Biogenic CO2 [t]';
COMMENT ON COLUMN inventory_row.source IS '依据|Source';
