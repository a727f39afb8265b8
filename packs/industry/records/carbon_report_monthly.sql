-- title: 碳排放报告活动数据（月）|Carbon report, monthly activity data
-- file: energy_manager
-- review: department
-- key: subject month carrier
-- due: none
-- Fuel and electricity as the unit reports them for carbon: the same amounts as its energy form (check R7).
CREATE TABLE carbon_report_monthly (
  subject VARCHAR NOT NULL CHECK (subject <> ''),
  month INTEGER NOT NULL CHECK (month BETWEEN 24000 AND 26400),
  carrier VARCHAR NOT NULL CHECK (carrier <> ''),
  quantity DECIMAL(18,6) NOT NULL CHECK (quantity >= 0)
);
COMMENT ON COLUMN carbon_report_monthly.subject IS '用能单位编号|Unit id';
COMMENT ON COLUMN carbon_report_monthly.month IS '月份（年×12＋月−1）|Month (year*12 + month-1)';
COMMENT ON COLUMN carbon_report_monthly.carrier IS '能源品种代码|Carrier code';
COMMENT ON COLUMN carbon_report_monthly.quantity IS '消费量 [品种标准单位]|Consumed [standard unit of the carrier]';
