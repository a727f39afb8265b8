-- title: 产品产量月报|Monthly output filing
-- file: energy_manager
-- review: department
-- key: subject month product
-- due: day 10 of the next month
CREATE TABLE output_monthly (
  subject VARCHAR NOT NULL CHECK (subject <> ''),
  month INTEGER NOT NULL CHECK (month BETWEEN 24000 AND 26400),
  product VARCHAR NOT NULL CHECK (product <> ''),
  quantity DECIMAL(18,6) NOT NULL CHECK (quantity >= 0)
);
COMMENT ON COLUMN output_monthly.subject IS '主体编号（用能单位或工序）|Subject id (unit or process)';
COMMENT ON COLUMN output_monthly.month IS '月份（年×12＋月−1）|Month (year*12 + month-1)';
COMMENT ON COLUMN output_monthly.product IS '产品代码|Product code';
COMMENT ON COLUMN output_monthly.quantity IS '合格品产量 [产品标准单位]|Qualified output [standard unit of the product]';
