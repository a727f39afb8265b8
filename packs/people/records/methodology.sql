-- title: 碳普惠方法学|Methodology of the carbon account
-- file: department
-- review: department
-- key: act edition
-- due: none
-- Grams of CO2e per unit of an act, by edition and validity; the certainty says how good the number is.
CREATE TABLE methodology (
  act VARCHAR NOT NULL CHECK (act <> ''),
  edition INTEGER NOT NULL CHECK (edition >= 1),
  grams_per_unit DECIMAL(18,6) NOT NULL CHECK (grams_per_unit >= 0),
  unit VARCHAR NOT NULL CHECK (unit <> ''),
  daily_cap DECIMAL(18,6) NOT NULL CHECK (daily_cap > 0),
  valid_from DATE NOT NULL,
  valid_to DATE,
  certainty VARCHAR NOT NULL CHECK (certainty IN ('V', 'C', 'H', 'M', 'L')),
  source VARCHAR NOT NULL CHECK (source <> '')
);
COMMENT ON COLUMN methodology.act IS '行为|Act';
COMMENT ON COLUMN methodology.edition IS '版次|Edition';
COMMENT ON COLUMN methodology.grams_per_unit IS '单位减排量 [g]|Grams per unit [g]';
COMMENT ON COLUMN methodology.unit IS '单位|Unit';
COMMENT ON COLUMN methodology.daily_cap IS '每日上限 [单位]|Daily cap [units]';
COMMENT ON COLUMN methodology.valid_from IS '生效日期|Valid from';
COMMENT ON COLUMN methodology.valid_to IS '失效日期|Valid to';
COMMENT ON COLUMN methodology.certainty IS '可信度|Certainty';
COMMENT ON COLUMN methodology.source IS '来源|Source';
