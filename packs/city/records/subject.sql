-- title: 主体|Subject
-- file: admin operator
-- review: admin
-- key: id
-- due: none
-- One tree: city, districts, units (enterprises), processes, equipment. The record id is the code of the subject.
CREATE TABLE subject (
  parent VARCHAR CHECK (parent <> ''),
  kind VARCHAR NOT NULL CHECK (kind IN ('city', 'district', 'unit', 'process', 'equipment')),
  name_zh VARCHAR NOT NULL CHECK (name_zh <> ''),
  name_en VARCHAR NOT NULL CHECK (name_en <> ''),
  sector VARCHAR CHECK (length(sector) BETWEEN 2 AND 4),
  uscc VARCHAR CHECK (length(uscc) = 18),
  product VARCHAR CHECK (product <> ''),
  sample BOOLEAN,
  CHECK (kind = 'city' OR parent IS NOT NULL)
);
COMMENT ON COLUMN subject.parent IS '上级主体编号|Parent subject id';
COMMENT ON COLUMN subject.kind IS '类别（城市、区县、用能单位、工序、设备）|Kind (city, district, unit, process, equipment)';
COMMENT ON COLUMN subject.name_zh IS '中文名称|Chinese name';
COMMENT ON COLUMN subject.name_en IS '英文名称|English name';
COMMENT ON COLUMN subject.sector IS '国民经济行业代码（GB/T 4754）|Industry code (GB/T 4754)';
COMMENT ON COLUMN subject.uscc IS '统一社会信用代码（GB 32100）|Unified social credit code (GB 32100)';
COMMENT ON COLUMN subject.product IS '工序产品代码（其产量为单耗分母）|Product code of a process (its output divides the energy)';
COMMENT ON COLUMN subject.sample IS '是否演示数据|Whether demonstration data';
