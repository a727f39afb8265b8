-- title: 规上工业月度统计|Statistics of industry above designated size
-- file: department
-- review: department
-- key: subject month
-- due: day 15 of the next month
-- As the statistics office gives them for a district: energy (calorific value) and value added at constant prices of the months covered.
-- January and February come as one, at February. Growth is an input of the statistics office, not a sum over units.
CREATE TABLE above_scale_stat (
  subject VARCHAR NOT NULL CHECK (subject <> ''),
  month INTEGER NOT NULL CHECK (month BETWEEN 24000 AND 26400),
  months_covered INTEGER NOT NULL CHECK (months_covered BETWEEN 1 AND 2),
  energy_tce DECIMAL(18,6) NOT NULL CHECK (energy_tce >= 0),
  value_added_wan DECIMAL(18,6) NOT NULL CHECK (value_added_wan > 0),
  price_base VARCHAR NOT NULL CHECK (price_base <> ''),
  source VARCHAR NOT NULL CHECK (source <> '')
);
COMMENT ON COLUMN above_scale_stat.subject IS '主体编号|Subject id';
COMMENT ON COLUMN above_scale_stat.month IS '月份（年×12＋月−1）|Month (year*12 + month-1)';
COMMENT ON COLUMN above_scale_stat.months_covered IS '包含月数|Months covered';
COMMENT ON COLUMN above_scale_stat.energy_tce IS '综合能源消费量（当量值）[tce]|Energy, calorific value [tce]';
COMMENT ON COLUMN above_scale_stat.value_added_wan IS '增加值（可比价）[万元]|Value added at constant prices [10^4 CNY]';
COMMENT ON COLUMN above_scale_stat.price_base IS '价格基期|Price base';
COMMENT ON COLUMN above_scale_stat.source IS '来源|Source';
