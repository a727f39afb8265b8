-- title: 绿色制造名单|Green manufacturing award
-- file: department
-- review: department
-- key: id
-- due: none
-- A ladder: one entity may hold several levels one after the other. Each award and removal with its day.
CREATE TABLE green_award (
  subject VARCHAR NOT NULL CHECK (subject <> ''),
  entity VARCHAR NOT NULL CHECK (entity <> ''),
  kind VARCHAR NOT NULL CHECK (kind IN ('factory', 'park')),
  level VARCHAR NOT NULL CHECK (level IN ('municipal', 'provincial', 'national')),
  awarded DATE NOT NULL,
  removed DATE,
  batch VARCHAR
);
COMMENT ON COLUMN green_award.subject IS '主体编号|Subject id';
COMMENT ON COLUMN green_award.entity IS '单位或园区|Factory or park';
COMMENT ON COLUMN green_award.kind IS '类别（工厂、园区）|Kind';
COMMENT ON COLUMN green_award.level IS '级别（市级、省级、国家级）|Level';
COMMENT ON COLUMN green_award.awarded IS '公布日期|Awarded';
COMMENT ON COLUMN green_award.removed IS '移出日期|Removed';
COMMENT ON COLUMN green_award.batch IS '批次文件|Batch';
