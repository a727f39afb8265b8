-- title: 光伏电站|PV plant
-- file: energy_manager department
-- review: department
-- key: id
-- due: none
-- A plant on a roof or facade: size, place, plane, and its module.
CREATE TABLE pv_plant (
  subject VARCHAR NOT NULL CHECK (subject <> ''),
  name VARCHAR NOT NULL CHECK (name <> ''),
  kwp DECIMAL(18,6) NOT NULL CHECK (kwp > 0),
  latitude DECIMAL(18,6) NOT NULL CHECK (latitude BETWEEN -90 AND 90),
  longitude DECIMAL(18,6) NOT NULL CHECK (longitude BETWEEN -180 AND 180),
  tilt DECIMAL(18,6) NOT NULL CHECK (tilt BETWEEN 0 AND 90),
  azimuth DECIMAL(18,6) NOT NULL CHECK (azimuth BETWEEN 0 AND 360),
  gamma_per_k DECIMAL(18,6) NOT NULL CHECK (gamma_per_k BETWEEN -0.02 AND 0),
  noct_c DECIMAL(18,6) NOT NULL CHECK (noct_c BETWEEN 35 AND 60),
  system_eta DECIMAL(18,6) NOT NULL CHECK (system_eta > 0 AND system_eta <= 1),
  in_service DATE NOT NULL
);
COMMENT ON COLUMN pv_plant.subject IS '主体编号|Subject id';
COMMENT ON COLUMN pv_plant.name IS '电站|Plant';
COMMENT ON COLUMN pv_plant.kwp IS '容量 [kWp]|Rated power [kWp]';
COMMENT ON COLUMN pv_plant.latitude IS '北纬 [deg]|Latitude [deg]';
COMMENT ON COLUMN pv_plant.longitude IS '东经 [deg]|Longitude [deg]';
COMMENT ON COLUMN pv_plant.tilt IS '倾角 [deg]|Tilt [deg]';
COMMENT ON COLUMN pv_plant.azimuth IS '方位角（北 0、顺时针） [deg]|Azimuth from north, clockwise [deg]';
COMMENT ON COLUMN pv_plant.gamma_per_k IS '功率温度系数 [1/K]|Temperature coefficient [1/K]';
COMMENT ON COLUMN pv_plant.noct_c IS '标称工作温度 [degC]|NOCT [degC]';
COMMENT ON COLUMN pv_plant.system_eta IS '系统效率|System efficiency';
COMMENT ON COLUMN pv_plant.in_service IS '并网日期|In service';
