-- title: “两高”项目清单|List of high-energy, high-emission projects
-- file: department
-- review: department
-- key: id
-- due: none
-- Proposed, under construction, in operation; reviewed jointly by departments. Capacity that is retired counts for one project only.
CREATE TABLE two_high_project (
  subject VARCHAR NOT NULL CHECK (subject <> ''),
  name VARCHAR NOT NULL CHECK (name <> ''),
  sector VARCHAR NOT NULL CHECK (sector <> ''),
  state VARCHAR NOT NULL CHECK (state IN ('proposed', 'building', 'existing')),
  decision VARCHAR NOT NULL CHECK (decision IN ('go_on', 'put_right', 'put_off', 'stop', 'close')),
  listed DATE NOT NULL,
  removed DATE,
  energy_tce DECIMAL(18,6) NOT NULL CHECK (energy_tce >= 0),
  joint_review BOOLEAN,
  new_capacity_t DECIMAL(18,6) CHECK (new_capacity_t >= 0),
  retired_capacity_t DECIMAL(18,6) CHECK (retired_capacity_t >= 0),
  required_ratio DECIMAL(18,6) CHECK (required_ratio > 0),
  retired_ids VARCHAR
);
COMMENT ON COLUMN two_high_project.subject IS '主体编号|Subject id';
COMMENT ON COLUMN two_high_project.name IS '项目|Project';
COMMENT ON COLUMN two_high_project.sector IS '行业|Sector';
COMMENT ON COLUMN two_high_project.state IS '状态（拟建、在建、存量）|State';
COMMENT ON COLUMN two_high_project.decision IS '处置（推进、整改、暂缓、停建、关停）|Decision';
COMMENT ON COLUMN two_high_project.listed IS '列入日期|Listed';
COMMENT ON COLUMN two_high_project.removed IS '移出日期|Taken off';
COMMENT ON COLUMN two_high_project.energy_tce IS '年综合能耗 [tce]|Energy per year [tce]';
COMMENT ON COLUMN two_high_project.joint_review IS '多部门联合评估论证通过|Passed the joint review';
COMMENT ON COLUMN two_high_project.new_capacity_t IS '新增产能 [t]|New capacity [t]';
COMMENT ON COLUMN two_high_project.retired_capacity_t IS '置换退出产能 [t]|Retired capacity [t]';
COMMENT ON COLUMN two_high_project.required_ratio IS '置换比例要求|Required ratio';
COMMENT ON COLUMN two_high_project.retired_ids IS '退出装置编号|Retired units, ids';
