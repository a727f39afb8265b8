-- title: 绿色贷款项目成效|Effect of a financed project
-- file: department
-- review: department
-- key: id
-- due: none
-- One financed project in one year: what it cost in all, what is outstanding, and what it saved in all. The bank answers for outstanding / total.
CREATE TABLE green_project (
  subject VARCHAR NOT NULL CHECK (subject <> ''),
  month INTEGER NOT NULL CHECK (month BETWEEN 24000 AND 26400),
  bank VARCHAR NOT NULL CHECK (bank <> ''),
  product VARCHAR NOT NULL CHECK (product IN ('pv', 'green', 'water', 'other')),
  directory_version VARCHAR NOT NULL CHECK (directory_version IN ('2019', '2025')),
  total_wan DECIMAL(18,6) NOT NULL CHECK (total_wan > 0),
  outstanding_wan DECIMAL(18,6) NOT NULL CHECK (outstanding_wan >= 0),
  saved_co2_t DECIMAL(18,6) CHECK (saved_co2_t >= 0),
  saved_tce DECIMAL(18,6) CHECK (saved_tce >= 0),
  saved_water_t DECIMAL(18,6) CHECK (saved_water_t >= 0),
  CHECK (outstanding_wan <= total_wan)
);
COMMENT ON COLUMN green_project.subject IS '主体编号|Subject id';
COMMENT ON COLUMN green_project.month IS '月份（年×12＋月−1）|Month (year*12 + month-1)';
COMMENT ON COLUMN green_project.bank IS '银行|Bank';
COMMENT ON COLUMN green_project.product IS '产品（光伏贷、绿色贷、节水贷、其他）|Product';
COMMENT ON COLUMN green_project.directory_version IS '目录版本|Version of the directory';
COMMENT ON COLUMN green_project.total_wan IS '项目总投资 [万元]|Total investment [10^4 CNY]';
COMMENT ON COLUMN green_project.outstanding_wan IS '贷款余额 [万元]|Outstanding [10^4 CNY]';
COMMENT ON COLUMN green_project.saved_co2_t IS '年减排量 [t]|CO2 saved a year [t]';
COMMENT ON COLUMN green_project.saved_tce IS '年节能量 [tce]|Energy saved a year [tce]';
COMMENT ON COLUMN green_project.saved_water_t IS '年节水量 [t]|Water saved a year [t]';
