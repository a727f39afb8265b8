-- title: 能源品种代码（国家统计局）|NBS energy variety code
-- file: admin
-- review: admin
-- key: id
-- due: none
-- The codes of form P205-1 and the reference coefficients printed on it. The record id is the code. per_unit turns an amount of the form
-- into the standard unit of our carrier (10^4 kWh -> 10000 kWh). A code without a carrier is filed and summed, but feeds no account.
CREATE TABLE nbs_code (
  name_zh VARCHAR NOT NULL CHECK (name_zh <> ''),
  name_en VARCHAR NOT NULL CHECK (name_en <> ''),
  unit_zh VARCHAR NOT NULL CHECK (unit_zh <> ''),
  unit VARCHAR NOT NULL CHECK (unit <> ''),
  ref_lo DECIMAL(18,6) CHECK (ref_lo > 0),
  ref_hi DECIMAL(18,6),
  carrier VARCHAR,
  per_unit DECIMAL(18,6) NOT NULL CHECK (per_unit > 0),
  certainty VARCHAR NOT NULL CHECK (certainty IN ('V', 'C', 'H', 'M', 'L')),
  CHECK (ref_lo IS NULL OR ref_hi IS NULL OR ref_lo <= ref_hi)
);
COMMENT ON COLUMN nbs_code.name_zh IS '品种名称|Name in Chinese';
COMMENT ON COLUMN nbs_code.name_en IS '英文名称|Name';
COMMENT ON COLUMN nbs_code.unit_zh IS '计量单位|Unit in Chinese';
COMMENT ON COLUMN nbs_code.unit IS '单位代号|Unit';
COMMENT ON COLUMN nbs_code.ref_lo IS '参考折标系数下限 [吨标准煤/计量单位]|Reference coefficient, low [tce/unit]';
COMMENT ON COLUMN nbs_code.ref_hi IS '参考折标系数上限 [吨标准煤/计量单位]|Reference coefficient, high [tce/unit]';
COMMENT ON COLUMN nbs_code.carrier IS '对应本系统品种|Our carrier';
COMMENT ON COLUMN nbs_code.per_unit IS '每计量单位合品种标准单位数|Standard units of the carrier in one unit of the form';
COMMENT ON COLUMN nbs_code.certainty IS '可信度（V、C、H、M、L）|Certainty (V, C, H, M, L)';
