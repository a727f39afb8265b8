-- title: 绿氢流化床中试班次|Pilot line run, green hydrogen
-- file: energy_manager department
-- review: department
-- key: subject started
-- due: none
-- One run of the hydrogen fluidised-bed line. Green power twice: matched hour by hour, and as an annual sum.
CREATE TABLE pilot_run (
  subject VARCHAR NOT NULL CHECK (subject <> ''),
  started DATE NOT NULL,
  hours DECIMAL(18,6) NOT NULL CHECK (hours > 0),
  dri_t DECIMAL(18,6) NOT NULL CHECK (dri_t > 0),
  total_fe DECIMAL(18,6) NOT NULL CHECK (total_fe > 0),
  metallic_fe DECIMAL(18,6) NOT NULL CHECK (metallic_fe >= 0),
  h2_kg DECIMAL(18,6) NOT NULL CHECK (h2_kg >= 0),
  electrolysis_kwh DECIMAL(18,6) NOT NULL CHECK (electrolysis_kwh >= 0),
  other_kwh DECIMAL(18,6) NOT NULL CHECK (other_kwh >= 0),
  green_hourly_kwh DECIMAL(18,6) NOT NULL CHECK (green_hourly_kwh >= 0),
  green_annual_kwh DECIMAL(18,6) NOT NULL CHECK (green_annual_kwh >= 0),
  fossil_gas_m3 DECIMAL(18,6) NOT NULL CHECK (fossil_gas_m3 >= 0)
);
COMMENT ON COLUMN pilot_run.subject IS '主体编号|Subject id';
COMMENT ON COLUMN pilot_run.started IS '开始日期|Started';
COMMENT ON COLUMN pilot_run.hours IS '运行时间 [h]|Hours [h]';
COMMENT ON COLUMN pilot_run.dri_t IS '还原铁 [t]|DRI [t]';
COMMENT ON COLUMN pilot_run.total_fe IS '全铁 [t]|Total iron [t]';
COMMENT ON COLUMN pilot_run.metallic_fe IS '金属铁 [t]|Metallic iron [t]';
COMMENT ON COLUMN pilot_run.h2_kg IS '耗氢 [kg]|Hydrogen used [kg]';
COMMENT ON COLUMN pilot_run.electrolysis_kwh IS '制氢用电 [kWh]|Electricity of the electrolysis [kWh]';
COMMENT ON COLUMN pilot_run.other_kwh IS '其他用电 [kWh]|Other electricity [kWh]';
COMMENT ON COLUMN pilot_run.green_hourly_kwh IS '绿电（逐时匹配）[kWh]|Green power, matched hourly [kWh]';
COMMENT ON COLUMN pilot_run.green_annual_kwh IS '绿电（年度量）[kWh]|Green power, annual sum [kWh]';
COMMENT ON COLUMN pilot_run.fossil_gas_m3 IS '化石燃气 [m3]|Fossil gas [m3]';
