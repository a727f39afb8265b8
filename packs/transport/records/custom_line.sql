-- title: 定制公交专线|Custom bus line
-- file: energy_manager department
-- review: department
-- key: id
-- due: none
-- Campus, tourism or community line, from when to when.
CREATE TABLE custom_line (
  subject VARCHAR NOT NULL CHECK (subject <> ''),
  name VARCHAR NOT NULL CHECK (name <> ''),
  kind VARCHAR NOT NULL CHECK (kind IN ('campus', 'tourism', 'community')),
  trip_km DECIMAL(18,6) CHECK (trip_km > 0),
  opened DATE NOT NULL,
  ended DATE
);
COMMENT ON COLUMN custom_line.subject IS '主体编号|Subject id';
COMMENT ON COLUMN custom_line.name IS '线路|Line';
COMMENT ON COLUMN custom_line.kind IS '类别（校园、旅游、社区）|Kind';
COMMENT ON COLUMN custom_line.trip_km IS '平均乘距 [km]|Mean trip [km]';
COMMENT ON COLUMN custom_line.opened IS '开通日期|Opened';
COMMENT ON COLUMN custom_line.ended IS '停运日期|Closed';
