-- title: 光伏日发电量|PV energy of a day
-- file: energy_manager department
-- review: department
-- key: plant day
-- due: none
-- Metered AC energy of one plant on one day (Beijing time).
CREATE TABLE pv_day (
  subject VARCHAR NOT NULL CHECK (subject <> ''),
  plant VARCHAR NOT NULL CHECK (plant <> ''),
  day DATE NOT NULL,
  kwh DECIMAL(18,6) NOT NULL CHECK (kwh >= 0)
);
COMMENT ON COLUMN pv_day.subject IS '主体编号|Subject id';
COMMENT ON COLUMN pv_day.plant IS '电站编号|Plant id';
COMMENT ON COLUMN pv_day.day IS '日期|Day';
COMMENT ON COLUMN pv_day.kwh IS '发电量 [kWh]|Energy [kWh]';
