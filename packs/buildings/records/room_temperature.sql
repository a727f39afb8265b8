-- title: 室温检测|Room temperature
-- file: department citizen
-- review: department
-- key: id
-- due: none
-- One reading in one dwelling in the heating season, with the outdoor temperature: how evenly a district is heated.
CREATE TABLE room_temperature (
  subject VARCHAR NOT NULL CHECK (subject <> ''),
  building VARCHAR NOT NULL CHECK (building <> ''),
  place VARCHAR NOT NULL CHECK (place IN ('near', 'middle', 'far')),
  measured DATE NOT NULL,
  room_c DECIMAL(18,6) NOT NULL CHECK (room_c BETWEEN -30 AND 50),
  outdoor_c DECIMAL(18,6) NOT NULL CHECK (outdoor_c BETWEEN -40 AND 40)
);
COMMENT ON COLUMN room_temperature.subject IS '主体编号|Subject id';
COMMENT ON COLUMN room_temperature.building IS '楼栋|Building';
COMMENT ON COLUMN room_temperature.place IS '在管网上的位置（近端、中段、末端）|Place on the network';
COMMENT ON COLUMN room_temperature.measured IS '检测日期|Measured';
COMMENT ON COLUMN room_temperature.room_c IS '室温 [degC]|Room [degC]';
COMMENT ON COLUMN room_temperature.outdoor_c IS '室外 [degC]|Outdoor [degC]';
