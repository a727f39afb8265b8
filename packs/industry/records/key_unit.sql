-- title: 重点用能单位名录|List of key energy-using units
-- file: department
-- review: department
-- key: subject list_version
-- due: none
-- Who is on the list, from when to when.
CREATE TABLE key_unit (
  subject VARCHAR NOT NULL CHECK (subject <> ''),
  list_version VARCHAR NOT NULL CHECK (list_version <> ''),
  listed DATE NOT NULL,
  delisted DATE
);
COMMENT ON COLUMN key_unit.subject IS '主体编号|Subject id';
COMMENT ON COLUMN key_unit.list_version IS '名录版本|Version of the list';
COMMENT ON COLUMN key_unit.listed IS '列入日期|Listed';
COMMENT ON COLUMN key_unit.delisted IS '移出日期|Taken off';
