-- title: “两高”项目部门会审意见|Department's opinion on a high-energy project
-- file: department
-- review: department
-- key: project department
-- due: none
-- A row without an opinion is a department that was asked and has not answered. The review is passed when all who were asked agree.
CREATE TABLE joint_opinion (
  project VARCHAR NOT NULL CHECK (project <> ''),
  department VARCHAR NOT NULL CHECK (department IN ('reform', 'industry', 'environment', 'land', 'housing', 'emergency', 'statistics', 'grid')),
  asked_on DATE NOT NULL,
  opinion VARCHAR CHECK (opinion IN ('agree', 'change', 'refuse')),
  given_on DATE,
  conditions VARCHAR,
  CHECK ((opinion IS NULL) = (given_on IS NULL)),
  CHECK (given_on IS NULL OR given_on >= asked_on)
);
COMMENT ON COLUMN joint_opinion.project IS '项目编号|Project id';
COMMENT ON COLUMN joint_opinion.department IS '部门（发改、工信、生态环境、自然资源、住建、应急、统计、电网）|Department';
COMMENT ON COLUMN joint_opinion.asked_on IS '送审日期|Asked';
COMMENT ON COLUMN joint_opinion.opinion IS '意见（同意、修改、不同意）|Opinion (agree, change, refuse)';
COMMENT ON COLUMN joint_opinion.given_on IS '出具日期|Given';
COMMENT ON COLUMN joint_opinion.conditions IS '条件|Conditions';
