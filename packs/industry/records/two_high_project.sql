-- title: “两高”项目清单|List of high-energy, high-emission projects
-- file: department
-- review: department
-- key: id
-- due: none
-- Proposed, under construction, in operation. Its departments' opinions are joint_opinion, the capacity it takes the place of capacity_use.
CREATE TABLE two_high_project (
  subject VARCHAR NOT NULL CHECK (subject <> ''),
  name VARCHAR NOT NULL CHECK (name <> ''),
  sector VARCHAR NOT NULL CHECK (sector <> ''),
  state VARCHAR NOT NULL CHECK (state IN ('proposed', 'building', 'existing')),
  decision VARCHAR NOT NULL CHECK (decision IN ('go_on', 'put_right', 'put_off', 'stop', 'close')),
  listed DATE NOT NULL,
  removed DATE,
  energy_tce DECIMAL(18,6) NOT NULL CHECK (energy_tce >= 0),
  electricity_kwh DECIMAL(18,3) CHECK (electricity_kwh >= 0),
  reviewed_by VARCHAR CHECK (reviewed_by IN ('commitment', 'city', 'province', 'nation')),
  energy_opinion_on DATE,
  begun_on DATE,
  new_capacity_t DECIMAL(18,6) CHECK (new_capacity_t > 0),
  swap_case VARCHAR CHECK (swap_case <> ''),
  CHECK ((new_capacity_t IS NULL) = (swap_case IS NULL))
);
COMMENT ON COLUMN two_high_project.subject IS '主体编号|Subject id';
COMMENT ON COLUMN two_high_project.name IS '项目|Project';
COMMENT ON COLUMN two_high_project.sector IS '行业|Sector';
COMMENT ON COLUMN two_high_project.state IS '状态（拟建、在建、存量）|State';
COMMENT ON COLUMN two_high_project.decision IS '处置（推进、整改、暂缓、停建、关停）|Decision';
COMMENT ON COLUMN two_high_project.listed IS '列入日期|Listed';
COMMENT ON COLUMN two_high_project.removed IS '移出日期|Taken off';
COMMENT ON COLUMN two_high_project.energy_tce IS '年综合能耗（当量值） [tce]|Energy per year, calorific value [tce]';
COMMENT ON COLUMN two_high_project.electricity_kwh IS '年用电量 [kWh]|Electricity per year [kWh]';
COMMENT ON COLUMN two_high_project.reviewed_by IS '节能审查机关（承诺备案、市、省、国家）|Who gave the energy review (commitment, city, province, nation)';
COMMENT ON COLUMN two_high_project.energy_opinion_on IS '节能审查意见日期|Day of the energy review opinion';
COMMENT ON COLUMN two_high_project.begun_on IS '开工日期|Begun';
COMMENT ON COLUMN two_high_project.new_capacity_t IS '新增产能 [t]|New capacity per year [t]';
COMMENT ON COLUMN two_high_project.swap_case IS '置换情形（swap_ratio 中所列）|Case of replacement (as in swap_ratio)';
