-- title: 公开测点|Open reading
-- file: department
-- review: department
-- key: plant point
-- due: none
-- A point of a plant whose newest reading everybody may see 云开放: a sewage works, a waste-to-energy plant. `point` is the series key.
CREATE TABLE open_reading (
  subject VARCHAR NOT NULL CHECK (subject <> ''),
  plant VARCHAR NOT NULL CHECK (plant <> ''),
  kind VARCHAR NOT NULL CHECK (kind IN ('sewage', 'waste_to_energy', 'heat', 'other')),
  point VARCHAR NOT NULL CHECK (point <> ''),
  label_zh VARCHAR NOT NULL CHECK (label_zh <> ''),
  label_en VARCHAR NOT NULL CHECK (label_en <> ''),
  unit VARCHAR NOT NULL CHECK (unit <> ''),
  until DATE
);
COMMENT ON COLUMN open_reading.subject IS '主体编号|Subject id';
COMMENT ON COLUMN open_reading.plant IS '设施|Plant';
COMMENT ON COLUMN open_reading.kind IS '类别（污水处理、垃圾焚烧发电、供热、其他）|Kind';
COMMENT ON COLUMN open_reading.point IS '测点（序列键）|Point (series key)';
COMMENT ON COLUMN open_reading.label_zh IS '名称|Label (zh)';
COMMENT ON COLUMN open_reading.label_en IS '英文名|Label';
COMMENT ON COLUMN open_reading.unit IS '单位|Unit';
COMMENT ON COLUMN open_reading.until IS '公开至|Open until';
