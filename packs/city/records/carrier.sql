-- title: 能源品种与物料|Carrier
-- file: admin
-- review: admin
-- key: id
-- due: none
-- What a point or a filing may count: energies, media, carbon-bearing materials, products. The record id is the code.
CREATE TABLE carrier (
  name_zh VARCHAR NOT NULL CHECK (name_zh <> ''),
  name_en VARCHAR NOT NULL CHECK (name_en <> ''),
  unit VARCHAR NOT NULL CHECK (unit <> ''),
  unit_zh VARCHAR NOT NULL CHECK (unit_zh <> ''),
  grp VARCHAR NOT NULL CHECK (grp IN ('coal', 'oil_gas', 'electricity', 'heat', 'pv', 'wind', 'biomass', 'other')),
  nature VARCHAR NOT NULL CHECK (nature IN ('energy', 'medium', 'material', 'product')),
  co2_scope VARCHAR CHECK (co2_scope IN ('combustion', 'process', 'electricity', 'heat')),
  nbs_code VARCHAR CHECK (length(nbs_code) = 2)
);
COMMENT ON COLUMN carrier.name_zh IS '中文名称|Chinese name';
COMMENT ON COLUMN carrier.name_en IS '英文名称|English name';
COMMENT ON COLUMN carrier.unit IS '标准单位|Standard unit';
COMMENT ON COLUMN carrier.unit_zh IS '标准单位中文|Standard unit in Chinese';
COMMENT ON COLUMN carrier.grp IS '图色组|Colour group in charts';
COMMENT ON COLUMN carrier.nature IS '性质（能源、耗能工质、物料、产品）|Nature (energy, medium, material, product)';
COMMENT ON COLUMN carrier.co2_scope IS '购入时的排放类别|Emission scope when bought in';
COMMENT ON COLUMN carrier.nbs_code IS '国家统计局能源品种代码（P205-1）|NBS energy variety code (P205-1)';
