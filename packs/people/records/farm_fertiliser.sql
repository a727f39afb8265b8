-- title: 农田施肥|Fertiliser on fields
-- file: department
-- review: department
-- key: subject month crop
-- due: none
-- Pure nutrients on one crop of one district in one month.
CREATE TABLE farm_fertiliser (
  subject VARCHAR NOT NULL CHECK (subject <> ''),
  month INTEGER NOT NULL CHECK (month BETWEEN 24000 AND 26400),
  crop VARCHAR NOT NULL CHECK (crop <> ''),
  n_t DECIMAL(18,6) NOT NULL CHECK (n_t >= 0),
  sown_ha DECIMAL(18,6) NOT NULL CHECK (sown_ha > 0),
  soil_tested_ha DECIMAL(18,6) NOT NULL CHECK (soil_tested_ha >= 0)
);
COMMENT ON COLUMN farm_fertiliser.subject IS '主体编号|Subject id';
COMMENT ON COLUMN farm_fertiliser.month IS '月份（年×12＋月−1）|Month (year*12 + month-1)';
COMMENT ON COLUMN farm_fertiliser.crop IS '作物|Crop';
COMMENT ON COLUMN farm_fertiliser.n_t IS '氮（折纯）[t]|Nitrogen, pure [t]';
COMMENT ON COLUMN farm_fertiliser.sown_ha IS '播种面积 [hm2]|Sown area [ha]';
COMMENT ON COLUMN farm_fertiliser.soil_tested_ha IS '测土配方面积 [hm2]|Area by soil test [ha]';
