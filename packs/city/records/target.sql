-- title: 目标|Target
-- file: admin department
-- review: admin
-- key: indicator subject month_from month_to
-- flow: two_person
-- due: none
-- The direction (at most, at least) follows from the indicator's `better`.
CREATE TABLE target (
  indicator VARCHAR NOT NULL CHECK (indicator <> ''),
  subject VARCHAR NOT NULL CHECK (subject <> ''),
  month_from INTEGER NOT NULL CHECK (month_from BETWEEN 24000 AND 26400),
  month_to INTEGER NOT NULL CHECK (month_to BETWEEN 24000 AND 26400),
  value DECIMAL(24,6) NOT NULL,
  unit VARCHAR NOT NULL CHECK (unit <> ''),
  kind VARCHAR CHECK (kind IN ('plan', 'assessed', 'limit')),
  source VARCHAR NOT NULL CHECK (source <> ''),
  band DECIMAL(6,3) CHECK (band > 0 AND band < 100),
  note VARCHAR,
  CHECK (month_from <= month_to)
);
COMMENT ON COLUMN target.indicator IS '指标编号|Indicator id';
COMMENT ON COLUMN target.subject IS '主体编号|Subject id';
COMMENT ON COLUMN target.month_from IS '起始月（年×12＋月−1）|First month (year*12 + month-1)';
COMMENT ON COLUMN target.month_to IS '终止月（含）|Last month, inclusive';
COMMENT ON COLUMN target.value IS '目标值 [指标单位]|Target value [unit of the indicator]';
COMMENT ON COLUMN target.unit IS '单位|Unit';
COMMENT ON COLUMN target.kind IS '性质（计划、考核、限额）|Kind (plan, assessed, limit)';
COMMENT ON COLUMN target.source IS '依据文件|Source document';
COMMENT ON COLUMN target.band IS '晴雨表二级的幅度 [%]：落后应达值不超过此幅度为二级，超过为一级；空：不设晴雨表|Width of level 2 of the barometer [%]: behind what is due by no more is level 2, by more level 1; empty: no barometer';
COMMENT ON COLUMN target.note IS '说明|Note';
