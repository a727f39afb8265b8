-- title: 工业增加值月报|Monthly industrial value added
-- file: energy_manager department
-- review: department
-- key: subject month
-- due: day 15 of the next month
CREATE TABLE va_monthly (
  subject VARCHAR NOT NULL CHECK (subject <> ''),
  month INTEGER NOT NULL CHECK (month BETWEEN 24000 AND 26400),
  value_added_cny DECIMAL(18,6) NOT NULL,
  price_base VARCHAR NOT NULL CHECK (price_base <> '')
);
COMMENT ON COLUMN va_monthly.subject IS '用能单位编号|Unit id';
COMMENT ON COLUMN va_monthly.month IS '月份（年×12＋月−1）|Month (year*12 + month-1)';
COMMENT ON COLUMN va_monthly.value_added_cny IS '工业增加值 [元]|Industrial value added [CNY]';
COMMENT ON COLUMN va_monthly.price_base IS '价格基期（如 2020 不变价，或 current 现价）|Price base (year of constant prices, or current)';
