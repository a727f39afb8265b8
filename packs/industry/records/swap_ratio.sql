-- title: 产能置换比例|Capacity replacement ratio
-- file: admin
-- review: admin
-- key: sector swap_case valid_from
-- flow: two_person
-- join: .@
-- due: none
-- Retired per new capacity, by sector and case; 0: exempt. A rule that is suspended keeps its row: a project listed in those days may not use it.
CREATE TABLE swap_ratio (
  sector VARCHAR NOT NULL CHECK (sector <> ''),
  swap_case VARCHAR NOT NULL CHECK (swap_case <> ''),
  valid_from DATE NOT NULL,
  valid_to DATE,
  ratio DECIMAL(12,6) NOT NULL CHECK (ratio >= 0),
  suspended BOOLEAN NOT NULL,
  source VARCHAR NOT NULL CHECK (source <> ''),
  certainty VARCHAR NOT NULL CHECK (certainty IN ('V', 'C', 'H', 'M', 'L')),
  note VARCHAR,
  CHECK (valid_to IS NULL OR valid_to > valid_from)
);
COMMENT ON COLUMN swap_ratio.sector IS '行业|Sector';
COMMENT ON COLUMN swap_ratio.swap_case IS '置换情形（重点区域、其他地区、等量等）|Case (key region, other, equal ...)';
COMMENT ON COLUMN swap_ratio.valid_from IS '施行日期|In force from';
COMMENT ON COLUMN swap_ratio.valid_to IS '失效日期（不含）|In force to (exclusive)';
COMMENT ON COLUMN swap_ratio.ratio IS '退出产能÷新增产能|Retired over new capacity';
COMMENT ON COLUMN swap_ratio.suspended IS '暂停实施|Suspended';
COMMENT ON COLUMN swap_ratio.source IS '文件|Source';
COMMENT ON COLUMN swap_ratio.certainty IS '可信度（V、C、H、M、L）|Certainty (V, C, H, M, L)';
COMMENT ON COLUMN swap_ratio.note IS '说明|Note';
