-- title: 逐时辐照|Hourly irradiance
-- file: department
-- review: department
-- key: subject started
-- due: none
-- Mean of one hour at a weather station: global horizontal, direct normal, diffuse horizontal, air temperature.
CREATE TABLE irradiance_hour (
  subject VARCHAR NOT NULL CHECK (subject <> ''),
  started TIMESTAMP NOT NULL,
  ghi DECIMAL(18,6) NOT NULL CHECK (ghi BETWEEN 0 AND 1600),
  dni DECIMAL(18,6) NOT NULL CHECK (dni BETWEEN 0 AND 1600),
  dhi DECIMAL(18,6) NOT NULL CHECK (dhi BETWEEN 0 AND 1600),
  air_c DECIMAL(18,6) NOT NULL CHECK (air_c BETWEEN -60 AND 60)
);
COMMENT ON COLUMN irradiance_hour.subject IS '主体编号|Subject id';
COMMENT ON COLUMN irradiance_hour.started IS '时段开始（协调世界时）|Start of the hour (UTC)';
COMMENT ON COLUMN irradiance_hour.ghi IS '总辐照度 [W/m2]|GHI [W/m2]';
COMMENT ON COLUMN irradiance_hour.dni IS '直射辐照度 [W/m2]|DNI [W/m2]';
COMMENT ON COLUMN irradiance_hour.dhi IS '散射辐照度 [W/m2]|DHI [W/m2]';
COMMENT ON COLUMN irradiance_hour.air_c IS '气温 [degC]|Air [degC]';
