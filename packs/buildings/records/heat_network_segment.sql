-- title: 供热管网改造管段|Heat-network segment renewed
-- file: department
-- review: department
-- key: id
-- due: none
-- One segment: planned and accepted trench length, single route (supply and return counted once). Plan and actual are kept apart.
CREATE TABLE heat_network_segment (
  subject VARCHAR NOT NULL CHECK (subject <> ''),
  name VARCHAR NOT NULL CHECK (name <> ''),
  plan_year INTEGER NOT NULL CHECK (plan_year BETWEEN 2000 AND 2100),
  plan_km DECIMAL(18,6) NOT NULL CHECK (plan_km >= 0),
  done_km DECIMAL(18,6) CHECK (done_km >= 0),
  accepted DATE,
  dn INTEGER CHECK (dn > 0),
  loss_old DECIMAL(18,6) CHECK (loss_old > 0),
  loss_new DECIMAL(18,6) CHECK (loss_new > 0),
  age_factor DECIMAL(18,6) CHECK (age_factor BETWEEN 1 AND 2),
  season_days INTEGER CHECK (season_days BETWEEN 1 AND 240)
);
COMMENT ON COLUMN heat_network_segment.subject IS '主体编号|Subject id';
COMMENT ON COLUMN heat_network_segment.name IS '管段|Segment';
COMMENT ON COLUMN heat_network_segment.plan_year IS '计划年度|Year of the plan';
COMMENT ON COLUMN heat_network_segment.plan_km IS '计划长度 [km]|Planned length [km]';
COMMENT ON COLUMN heat_network_segment.done_km IS '验收长度 [km]|Accepted length [km]';
COMMENT ON COLUMN heat_network_segment.accepted IS '验收日期|Accepted';
COMMENT ON COLUMN heat_network_segment.dn IS '公称直径|Nominal diameter';
COMMENT ON COLUMN heat_network_segment.loss_old IS '原单位热损（双管）[W/m]|Loss before, both pipes [W/m]';
COMMENT ON COLUMN heat_network_segment.loss_new IS '现单位热损（双管）[W/m]|Loss after, both pipes [W/m]';
COMMENT ON COLUMN heat_network_segment.age_factor IS '老化系数|Age factor';
COMMENT ON COLUMN heat_network_segment.season_days IS '供暖期天数 [d]|Days of the heating season [d]';
