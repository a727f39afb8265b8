-- title: 环保设施云开放|Cloud open day
-- file: department
-- review: department
-- key: id
-- due: none
-- One broadcast from a sewage works or a waste-to-energy plant.
CREATE TABLE cloud_open_day (
  subject VARCHAR NOT NULL CHECK (subject <> ''),
  plant VARCHAR NOT NULL CHECK (plant <> ''),
  kind VARCHAR NOT NULL CHECK (kind IN ('sewage', 'waste_to_energy')),
  held DATE NOT NULL,
  viewers INTEGER NOT NULL CHECK (viewers >= 0)
);
COMMENT ON COLUMN cloud_open_day.subject IS '主体编号|Subject id';
COMMENT ON COLUMN cloud_open_day.plant IS '设施|Plant';
COMMENT ON COLUMN cloud_open_day.kind IS '类别（污水处理、垃圾焚烧发电）|Kind';
COMMENT ON COLUMN cloud_open_day.held IS '直播日期|Held';
COMMENT ON COLUMN cloud_open_day.viewers IS '观看人数|Viewers';
