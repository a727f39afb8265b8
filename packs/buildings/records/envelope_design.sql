-- title: 围护结构与耗热量指标|Envelope and heat-consumption index
-- file: department
-- review: department
-- key: project
-- due: none
-- Design of one heated building: the sum of e K F over its parts, and what q_H = q_HT + q_INF - q_IH (JGJ 26 steady method) needs.
CREATE TABLE envelope_design (
  subject VARCHAR NOT NULL CHECK (subject <> ''),
  project VARCHAR NOT NULL CHECK (project <> ''),
  floor_m2 DECIMAL(18,6) NOT NULL CHECK (floor_m2 > 0),
  volume_m3 DECIMAL(18,6) NOT NULL CHECK (volume_m3 > 0),
  ekf_w_k DECIMAL(18,6) NOT NULL CHECK (ekf_w_k > 0),
  wall_k DECIMAL(18,6) NOT NULL CHECK (wall_k > 0),
  roof_k DECIMAL(18,6) NOT NULL CHECK (roof_k > 0),
  window_k DECIMAL(18,6) NOT NULL CHECK (window_k > 0),
  storeys INTEGER NOT NULL CHECK (storeys > 0),
  designed DATE NOT NULL
);
COMMENT ON COLUMN envelope_design.subject IS '主体编号|Subject id';
COMMENT ON COLUMN envelope_design.project IS '项目编号|Project id';
COMMENT ON COLUMN envelope_design.floor_m2 IS '供暖建筑面积 [m2]|Heated floor area [m2]';
COMMENT ON COLUMN envelope_design.volume_m3 IS '供暖体积 [m3]|Heated volume [m3]';
COMMENT ON COLUMN envelope_design.ekf_w_k IS 'Σ εKF [W/K]|Sum of e K F [W/K]';
COMMENT ON COLUMN envelope_design.wall_k IS '外墙 K [W/(m2K)]|Wall K [W/(m2K)]';
COMMENT ON COLUMN envelope_design.roof_k IS '屋面 K [W/(m2K)]|Roof K [W/(m2K)]';
COMMENT ON COLUMN envelope_design.window_k IS '外窗 K [W/(m2K)]|Window K [W/(m2K)]';
COMMENT ON COLUMN envelope_design.storeys IS '层数|Storeys';
COMMENT ON COLUMN envelope_design.designed IS '设计日期|Designed';
