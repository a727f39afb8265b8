-- title: 餐饮小份与包装|Catering, small portions and packaging
-- file: energy_manager department
-- review: department
-- key: subject month merchant
-- due: day 10 of the next month
-- Dishes and packages of one restaurant in one month.
CREATE TABLE catering_month (
  subject VARCHAR NOT NULL CHECK (subject <> ''),
  month INTEGER NOT NULL CHECK (month BETWEEN 24000 AND 26400),
  merchant VARCHAR NOT NULL CHECK (merchant <> ''),
  dishes INTEGER NOT NULL CHECK (dishes > 0),
  small_dishes INTEGER NOT NULL CHECK (small_dishes >= 0),
  packages INTEGER NOT NULL CHECK (packages >= 0),
  degradable INTEGER NOT NULL CHECK (degradable >= 0)
);
COMMENT ON COLUMN catering_month.subject IS '主体编号|Subject id';
COMMENT ON COLUMN catering_month.month IS '月份（年×12＋月−1）|Month (year*12 + month-1)';
COMMENT ON COLUMN catering_month.merchant IS '餐饮门店|Restaurant';
COMMENT ON COLUMN catering_month.dishes IS '售出菜品 [份]|Dishes sold';
COMMENT ON COLUMN catering_month.small_dishes IS '小份、半份 [份]|Small and half portions';
COMMENT ON COLUMN catering_month.packages IS '包装 [件]|Packages';
COMMENT ON COLUMN catering_month.degradable IS '可降解或可循环 [件]|Degradable or reusable';
