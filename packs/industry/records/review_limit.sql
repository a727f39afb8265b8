-- title: 节能审查分级|Who reviews a project's energy
-- file: admin
-- review: admin
-- key: level valid_from
-- flow: two_person
-- join: @
-- due: none
-- A project that uses as much energy, or as much electricity, in a year is reviewed by this level or a higher one.
CREATE TABLE review_limit (
  level VARCHAR NOT NULL CHECK (level IN ('city', 'province', 'nation')),
  valid_from DATE NOT NULL,
  valid_to DATE,
  from_tce DECIMAL(18,6) NOT NULL CHECK (from_tce > 0),
  from_kwh DECIMAL(18,3) CHECK (from_kwh > 0),
  source VARCHAR NOT NULL CHECK (source <> ''),
  certainty VARCHAR NOT NULL CHECK (certainty IN ('V', 'C', 'H', 'M', 'L')),
  CHECK (valid_to IS NULL OR valid_to > valid_from)
);
COMMENT ON COLUMN review_limit.level IS '审查机关（市、省、国家）|Level (city, province, nation)';
COMMENT ON COLUMN review_limit.valid_from IS '施行日期|In force from';
COMMENT ON COLUMN review_limit.valid_to IS '失效日期（不含）|In force to (exclusive)';
COMMENT ON COLUMN review_limit.from_tce IS '年综合能耗起点 [tce]|From energy per year [tce]';
COMMENT ON COLUMN review_limit.from_kwh IS '年用电量起点 [kWh]|From electricity per year [kWh]';
COMMENT ON COLUMN review_limit.source IS '文件|Source';
COMMENT ON COLUMN review_limit.certainty IS '可信度（V、C、H、M、L）|Certainty (V, C, H, M, L)';
