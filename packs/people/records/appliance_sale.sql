-- title: 限额以上零售额|Retail sales of units above quota
-- file: energy_manager department
-- review: department
-- key: subject month merchant category grade
-- due: day 15 of the next month
-- Retail of one merchant above quota by category and energy grade. January and February come as one, at February.
CREATE TABLE appliance_sale (
  subject VARCHAR NOT NULL CHECK (subject <> ''),
  month INTEGER NOT NULL CHECK (month BETWEEN 24000 AND 26400),
  merchant VARCHAR NOT NULL CHECK (merchant <> ''),
  category VARCHAR NOT NULL CHECK (category IN ('fridge', 'washer', 'air_conditioner', 'tv', 'water_heater', 'nev_car')),
  grade INTEGER CHECK (grade BETWEEN 1 AND 5),
  value_cny DECIMAL(18,6) NOT NULL CHECK (value_cny >= 0),
  above_quota BOOLEAN
);
COMMENT ON COLUMN appliance_sale.subject IS '主体编号|Subject id';
COMMENT ON COLUMN appliance_sale.month IS '月份（年×12＋月−1）|Month (year*12 + month-1)';
COMMENT ON COLUMN appliance_sale.merchant IS '零售单位|Merchant';
COMMENT ON COLUMN appliance_sale.category IS '品类|Category';
COMMENT ON COLUMN appliance_sale.grade IS '能效等级|Energy grade';
COMMENT ON COLUMN appliance_sale.value_cny IS '零售额 [元]|Retail value [CNY]';
COMMENT ON COLUMN appliance_sale.above_quota IS '限额以上单位|Above quota';
