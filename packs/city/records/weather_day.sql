-- title: 日平均气温|Day's mean air temperature
-- file: department
-- review: department
-- key: subject day
-- due: none
-- Of one weather station, for the subject it stands for (the city, a district) and all below it that have none of their own.
CREATE TABLE weather_day (
  subject VARCHAR NOT NULL CHECK (subject <> ''),
  day DATE NOT NULL,
  mean_c DECIMAL(9,3) NOT NULL CHECK (mean_c BETWEEN -60 AND 60),
  source VARCHAR NOT NULL CHECK (source <> '')
);
COMMENT ON COLUMN weather_day.subject IS '主体编号|Subject id';
COMMENT ON COLUMN weather_day.day IS '日期（北京时间）|Day (Beijing time)';
COMMENT ON COLUMN weather_day.mean_c IS '日平均气温 [degC]|Mean air temperature [degC]';
COMMENT ON COLUMN weather_day.source IS '气象站或数据来源|Station or source';
