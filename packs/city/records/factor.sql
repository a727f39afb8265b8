-- title: 系数|Factor
-- file: admin
-- review: admin
-- key: factor edition
-- flow: two_person
-- join: @
-- due: none
-- The record id is <factor>@<edition>. A changed value is a new edition, never an edit: old figures keep the edition they used.
-- (The kernel's own column `version` counts versions of one record; `edition` counts published values of one factor.)
CREATE TABLE factor (
  factor VARCHAR NOT NULL CHECK (factor <> ''),
  edition INTEGER NOT NULL CHECK (edition >= 1),
  value DECIMAL(18,9) NOT NULL CHECK (value >= 0),
  unit VARCHAR NOT NULL CHECK (unit <> ''),
  region VARCHAR,
  valid_from DATE NOT NULL,
  valid_to DATE,
  source VARCHAR NOT NULL CHECK (source <> ''),
  clause VARCHAR,
  certainty VARCHAR NOT NULL CHECK (certainty IN ('V', 'C', 'H', 'M', 'L')),
  name_zh VARCHAR NOT NULL CHECK (name_zh <> ''),
  name_en VARCHAR NOT NULL CHECK (name_en <> ''),
  note VARCHAR,
  CHECK (valid_to IS NULL OR valid_from < valid_to)
);
COMMENT ON COLUMN factor.factor IS '系数代码（k. 当量，keq. 等价，ef. 排放）|Factor code (k. calorific, keq. equivalent, ef. emission)';
COMMENT ON COLUMN factor.edition IS '发布序号|Edition of the published value';
COMMENT ON COLUMN factor.value IS '数值|Value';
COMMENT ON COLUMN factor.unit IS '单位|Unit';
COMMENT ON COLUMN factor.region IS '适用地区|Region it applies to';
COMMENT ON COLUMN factor.valid_from IS '生效日期|Valid from';
COMMENT ON COLUMN factor.valid_to IS '失效日期（不含当日）|Valid to (exclusive)';
COMMENT ON COLUMN factor.source IS '来源文件|Source document';
COMMENT ON COLUMN factor.clause IS '条款|Clause';
COMMENT ON COLUMN factor.certainty IS '可信度（V 见于公开文本，C 已复算，H 高，M 中，L 待替换）|Certainty (V printed, C recomputed, H high, M medium, L placeholder)';
COMMENT ON COLUMN factor.name_zh IS '中文名称|Chinese name';
COMMENT ON COLUMN factor.name_en IS '英文名称|English name';
COMMENT ON COLUMN factor.note IS '说明|Note';
