-- title: 建筑节能节水改造|Measures in a building
-- file: department
-- review: department
-- key: id
-- due: none
-- Efficient lighting, water saving, meters and controls put into one building.
CREATE TABLE building_measure (
  subject VARCHAR NOT NULL CHECK (subject <> ''),
  building VARCHAR NOT NULL CHECK (building <> ''),
  measure VARCHAR NOT NULL CHECK (measure IN ('lighting', 'water', 'meter', 'control')),
  pieces INTEGER NOT NULL CHECK (pieces > 0),
  done DATE NOT NULL,
  saving_kwh DECIMAL(18,6) CHECK (saving_kwh >= 0),
  saving_m3 DECIMAL(18,6) CHECK (saving_m3 >= 0)
);
COMMENT ON COLUMN building_measure.subject IS '主体编号|Subject id';
COMMENT ON COLUMN building_measure.building IS '建筑|Building';
COMMENT ON COLUMN building_measure.measure IS '措施（照明、节水、计量、控制）|Measure';
COMMENT ON COLUMN building_measure.pieces IS '数量|Pieces';
COMMENT ON COLUMN building_measure.done IS '完成日期|Done';
COMMENT ON COLUMN building_measure.saving_kwh IS '年节电量 [kWh]|Saving a year [kWh]';
COMMENT ON COLUMN building_measure.saving_m3 IS '年节水量 [m3]|Saving a year [m3]';
