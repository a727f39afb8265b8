-- title: 船舶靠泊与岸电|Vessel call and shore power
-- file: energy_manager department
-- review: department
-- key: id
-- due: day 10 of the next month
-- One call at one berth. Two rates: calls that used shore power over calls that could; shore kWh over kWh needed at berth.
CREATE TABLE vessel_call (
  subject VARCHAR NOT NULL CHECK (subject <> ''),
  berth VARCHAR NOT NULL CHECK (berth <> ''),
  ship VARCHAR NOT NULL CHECK (ship <> ''),
  arrived DATE NOT NULL,
  hours DECIMAL(18,6) NOT NULL CHECK (hours > 0),
  ship_fitted BOOLEAN,
  berth_fitted BOOLEAN,
  connected BOOLEAN,
  kwh_shore DECIMAL(18,6) NOT NULL CHECK (kwh_shore >= 0),
  kwh_needed DECIMAL(18,6) NOT NULL CHECK (kwh_needed > 0)
);
COMMENT ON COLUMN vessel_call.subject IS '主体编号|Subject id';
COMMENT ON COLUMN vessel_call.berth IS '泊位|Berth';
COMMENT ON COLUMN vessel_call.ship IS '船舶|Ship';
COMMENT ON COLUMN vessel_call.arrived IS '靠泊日期|Arrived';
COMMENT ON COLUMN vessel_call.hours IS '在泊时间 [h]|Hours at berth [h]';
COMMENT ON COLUMN vessel_call.ship_fitted IS '船舶具备受电设施|Ship can take shore power';
COMMENT ON COLUMN vessel_call.berth_fitted IS '泊位具备岸电|Berth has shore power';
COMMENT ON COLUMN vessel_call.connected IS '使用岸电|Connected';
COMMENT ON COLUMN vessel_call.kwh_shore IS '岸电电量 [kWh]|Shore power [kWh]';
COMMENT ON COLUMN vessel_call.kwh_needed IS '在泊用电需求 [kWh]|Energy needed at berth [kWh]';
