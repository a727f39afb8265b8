-- title: 绿色植保|Plant protection
-- file: department
-- review: department
-- key: subject month crop
-- due: none
-- Area treated against pests in one district in one month, and how much of it by green means or by drone.
CREATE TABLE plant_protection (
  subject VARCHAR NOT NULL CHECK (subject <> ''),
  month INTEGER NOT NULL CHECK (month BETWEEN 24000 AND 26400),
  crop VARCHAR NOT NULL CHECK (crop <> ''),
  treated_ha DECIMAL(18,6) NOT NULL CHECK (treated_ha > 0),
  green_ha DECIMAL(18,6) NOT NULL CHECK (green_ha >= 0),
  drone_ha DECIMAL(18,6) NOT NULL CHECK (drone_ha >= 0),
  CHECK (green_ha <= treated_ha AND drone_ha <= treated_ha)
);
COMMENT ON COLUMN plant_protection.subject IS '主体编号|Subject id';
COMMENT ON COLUMN plant_protection.month IS '月份（年×12＋月−1）|Month (year*12 + month-1)';
COMMENT ON COLUMN plant_protection.crop IS '作物|Crop';
COMMENT ON COLUMN plant_protection.treated_ha IS '防治面积 [hm2]|Treated [ha]';
COMMENT ON COLUMN plant_protection.green_ha IS '绿色防控面积 [hm2]|By green means [ha]';
COMMENT ON COLUMN plant_protection.drone_ha IS '无人机作业面积 [hm2]|By drone [ha]';
