-- title: 计量点|Metering point
-- file: admin operator energy_manager
-- review: admin
-- key: id
-- due: none
-- Describes one series; the record id is the series key. Until a series has a point record it is kept and listed, not accounted.
CREATE TABLE point (
  subject VARCHAR NOT NULL CHECK (subject <> ''),
  name_zh VARCHAR NOT NULL CHECK (name_zh <> ''),
  name_en VARCHAR NOT NULL CHECK (name_en <> ''),
  carrier VARCHAR NOT NULL CHECK (carrier <> ''),
  flow VARCHAR NOT NULL CHECK (flow IN ('purchase', 'export', 'consume', 'recover', 'output', 'sequester', 'emission',
    'reactive_lag', 'reactive_lead', 'demand', 'none')),
  unit VARCHAR NOT NULL CHECK (unit <> ''),
  kind VARCHAR NOT NULL CHECK (kind IN ('register', 'interval', 'gauge', 'state')),
  k DECIMAL(18,9) CHECK (k > 0),
  digits INTEGER CHECK (digits BETWEEN 1 AND 18),
  lsb_exp INTEGER CHECK (lsb_exp BETWEEN -9 AND 9),
  period_s INTEGER CHECK (period_s BETWEEN 1 AND 31622400),
  stamp VARCHAR CHECK (stamp IN ('end', 'begin')),
  rated DECIMAL(18,6) CHECK (rated > 0),
  low DECIMAL(18,6),
  high DECIMAL(18,6),
  rate_limit DECIMAL(18,6) CHECK (rate_limit > 0),
  parent VARCHAR CHECK (parent <> ''),
  loss_share DECIMAL(9,6) CHECK (loss_share >= 0 AND loss_share < 1),
  level INTEGER CHECK (level BETWEEN 1 AND 3),
  rests BOOLEAN,
  CHECK (low IS NULL OR high IS NULL OR low < high)
);
COMMENT ON COLUMN point.subject IS '所属主体编号|Subject the point belongs to';
COMMENT ON COLUMN point.name_zh IS '中文名称|Chinese name';
COMMENT ON COLUMN point.name_en IS '英文名称|English name';
COMMENT ON COLUMN point.carrier IS '能源品种或产品代码|Carrier or product code';
COMMENT ON COLUMN point.flow IS '流向（购入、外供、消耗、回收、产出、固碳、排放、无功、需量、仅监视）|Flow: what the amount means in the accounts';
COMMENT ON COLUMN point.unit IS '读数单位（乘以倍率前）|Unit of the reading, before the multiplier';
COMMENT ON COLUMN point.kind IS '读数类型（累计、时段量、瞬时、状态）|Kind of reading (register, interval, gauge, state)';
COMMENT ON COLUMN point.k IS '综合倍率（CT×PT×单位换算）|Multiplier: CT x PT x unit conversion';
COMMENT ON COLUMN point.digits IS '表计整数位数 [位]|Integer digits of the register [digits]';
COMMENT ON COLUMN point.lsb_exp IS '最小分辨率的十进指数|Decimal exponent of the least digit';
COMMENT ON COLUMN point.period_s IS '采集周期 [s]|Nominal reading interval [s]';
COMMENT ON COLUMN point.stamp IS '时段量时标（末、始）|Stamp of an interval reading (end, begin)';
COMMENT ON COLUMN point.rated IS '满负荷每小时用量 [标准单位/h]|Amount per hour at full load [standard unit/h]';
COMMENT ON COLUMN point.low IS '下限 [标准单位]|Lower limit [standard unit]';
COMMENT ON COLUMN point.high IS '上限 [标准单位]|Upper limit [standard unit]';
COMMENT ON COLUMN point.rate_limit IS '每小时变化限值 [标准单位/h]|Limit of change per hour [standard unit/h]';
COMMENT ON COLUMN point.parent IS '平衡上级计量点（序列键）|Balance parent (series key)';
COMMENT ON COLUMN point.loss_share IS '本表计量量中到下级各表之间损耗的份额 [1]|Share of this meter''s own amount that is lost between it and the points below it [1]';
COMMENT ON COLUMN point.rests IS '停用属正常（停产检修、批次进货）：长时间不走不视为停走，不估算|Standing still is normal (shutdowns, deliveries in batches): never taken for a stuck meter, never estimated';
COMMENT ON COLUMN point.level IS '计量级别（1 进出用能单位，2 工序，3 设备）|Metering level (1 unit in/out, 2 process, 3 equipment)';
