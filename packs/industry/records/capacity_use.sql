-- title: 产能置换使用|Use of retired capacity
-- file: department
-- review: department
-- key: project retired
-- due: none
-- Part of a retired capacity that a project takes the place of. All uses of one capacity together are not more than it was.
CREATE TABLE capacity_use (
  project VARCHAR NOT NULL CHECK (project <> ''),
  retired VARCHAR NOT NULL CHECK (retired <> ''),
  t DECIMAL(18,6) NOT NULL CHECK (t > 0)
);
COMMENT ON COLUMN capacity_use.project IS '项目编号|Project id';
COMMENT ON COLUMN capacity_use.retired IS '退出产能编号|Retired capacity id';
COMMENT ON COLUMN capacity_use.t IS '使用量 [t]|Used per year [t]';
