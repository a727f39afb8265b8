-- title: 宣传活动|Campaign event
-- file: department
-- review: department
-- key: id
-- due: none
-- One event of a theme day.
CREATE TABLE event (
  subject VARCHAR NOT NULL CHECK (subject <> ''),
  name VARCHAR NOT NULL CHECK (name <> ''),
  theme VARCHAR NOT NULL CHECK (theme IN ('energy_week', 'low_carbon_day', 'ecology_day', 'environment_day', 'other')),
  form VARCHAR NOT NULL CHECK (form IN ('square', 'panel', 'leaflet', 'live', 'online', 'home_visit')),
  held DATE NOT NULL,
  attendance INTEGER NOT NULL CHECK (attendance >= 0),
  online_views INTEGER NOT NULL CHECK (online_views >= 0)
);
COMMENT ON COLUMN event.subject IS '主体编号|Subject id';
COMMENT ON COLUMN event.name IS '活动|Event';
COMMENT ON COLUMN event.theme IS '主题（节能宣传周、全国低碳日、全国生态日、六五环境日、其他）|Theme';
COMMENT ON COLUMN event.form IS '形式（宣讲、展板、资料、直播、云端、入户）|Form';
COMMENT ON COLUMN event.held IS '举办日期|Held';
COMMENT ON COLUMN event.attendance IS '现场人次|Attendance';
COMMENT ON COLUMN event.online_views IS '线上人次|Online views';
