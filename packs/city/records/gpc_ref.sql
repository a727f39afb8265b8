-- title: 清单子类（GPC）|Sub-sector of the inventory (GPC)
-- file: department
-- review: department
-- key: ref
-- due: none
-- The schema of GPC 1.1: which rows there are, their scope, and in which total they count.
CREATE TABLE gpc_ref (
  ref VARCHAR NOT NULL CHECK (ref <> ''),
  scope INTEGER NOT NULL CHECK (scope BETWEEN 1 AND 3),
  level VARCHAR NOT NULL CHECK (level IN ('basic', 'basic_plus', 'territorial', 'other')),
  sector VARCHAR NOT NULL CHECK (sector IN ('energy', 'process', 'agriculture', 'land', 'waste', 'other')),
  title_zh VARCHAR NOT NULL,
  title_en VARCHAR NOT NULL
);
COMMENT ON COLUMN gpc_ref.ref IS '编号|Ref';
COMMENT ON COLUMN gpc_ref.scope IS '范围|Scope';
COMMENT ON COLUMN gpc_ref.level IS '口径|Level';
COMMENT ON COLUMN gpc_ref.sector IS '省级清单部门|Sector of the provincial inventory';
COMMENT ON COLUMN gpc_ref.title_zh IS '名称|Title (zh)';
COMMENT ON COLUMN gpc_ref.title_en IS '英文名|Title';
