-- title: 单耗限额|Energy limit
-- file: admin
-- review: admin
-- key: process variant standard
-- flow: two_person
-- join: .@
-- due: none
-- Level 1 advanced, level 2 admission of new plants, level 3 limit of existing plants. An empty level is not set by the standard.
CREATE TABLE limit_value (
  process VARCHAR NOT NULL CHECK (process <> ''),
  level1 DECIMAL(18,6),
  level2 DECIMAL(18,6),
  level3 DECIMAL(18,6),
  unit VARCHAR NOT NULL CHECK (unit <> ''),
  standard VARCHAR NOT NULL CHECK (standard <> ''),
  clause VARCHAR,
  valid_from DATE NOT NULL,
  certainty VARCHAR NOT NULL CHECK (certainty IN ('V', 'C', 'H', 'M', 'L')),
  variant VARCHAR NOT NULL CHECK (variant <> ''),
  name_zh VARCHAR NOT NULL CHECK (name_zh <> ''),
  name_en VARCHAR NOT NULL CHECK (name_en <> ''),
  note VARCHAR,
  CHECK (level1 IS NULL OR level2 IS NULL OR level1 <= level2),
  CHECK (level2 IS NULL OR level3 IS NULL OR level2 <= level3)
);
COMMENT ON COLUMN limit_value.process IS '工序或产品代码|Process or product code';
COMMENT ON COLUMN limit_value.level1 IS '1 级（先进；标杆）|Level 1 (advanced; benchmark)';
COMMENT ON COLUMN limit_value.level2 IS '2 级（准入）|Level 2 (admission)';
COMMENT ON COLUMN limit_value.level3 IS '3 级（限定；基准）|Level 3 (limit; baseline)';
COMMENT ON COLUMN limit_value.unit IS '单位|Unit';
COMMENT ON COLUMN limit_value.standard IS '标准号|Standard';
COMMENT ON COLUMN limit_value.clause IS '条款|Clause';
COMMENT ON COLUMN limit_value.valid_from IS '施行日期|In force from';
COMMENT ON COLUMN limit_value.certainty IS '可信度（V、C、H、M、L）|Certainty (V, C, H, M, L)';
COMMENT ON COLUMN limit_value.variant IS '装置类别（all 为通用）|Plant variant (all = general)';
COMMENT ON COLUMN limit_value.name_zh IS '中文名称|Chinese name';
COMMENT ON COLUMN limit_value.name_en IS '英文名称|English name';
COMMENT ON COLUMN limit_value.note IS '修正与说明|Corrections and note';
