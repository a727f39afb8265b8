-- title: 农机购置与应用补贴|Machinery subsidy
-- file: department
-- review: department
-- key: id
-- due: none
-- One machine that was subsidised, and whether an old one was scrapped for it.
CREATE TABLE machinery_subsidy (
  subject VARCHAR NOT NULL CHECK (subject <> ''),
  category VARCHAR NOT NULL CHECK (category IN ('tractor', 'harvester', 'seeder', 'sprayer', 'other')),
  drive VARCHAR NOT NULL CHECK (drive IN ('cn4', 'electric', 'none')),
  granted DATE NOT NULL,
  price_cny DECIMAL(18,6) NOT NULL CHECK (price_cny > 0),
  subsidy_cny DECIMAL(18,6) NOT NULL CHECK (subsidy_cny >= 0),
  scrapped BOOLEAN NOT NULL,
  CHECK (subsidy_cny <= price_cny)
);
COMMENT ON COLUMN machinery_subsidy.subject IS '主体编号|Subject id';
COMMENT ON COLUMN machinery_subsidy.category IS '品目|Category';
COMMENT ON COLUMN machinery_subsidy.drive IS '动力（国四、电动、无）|Drive';
COMMENT ON COLUMN machinery_subsidy.granted IS '补贴日期|Granted';
COMMENT ON COLUMN machinery_subsidy.price_cny IS '售价 [CNY]|Price [CNY]';
COMMENT ON COLUMN machinery_subsidy.subsidy_cny IS '补贴额 [CNY]|Subsidy [CNY]';
COMMENT ON COLUMN machinery_subsidy.scrapped IS '同时报废旧机|Old machine scrapped';
