-- title: 能源购进与外供月报|Monthly energy filing
-- file: energy_manager
-- review: department
-- key: subject month carrier flow
-- due: day 10 of the next month
-- Purchase, export and sequester at the unit; consume and recover at a process. Where a carrier is metered in the month the meter counts and the filing is kept for comparison.
CREATE TABLE energy_monthly (
  subject VARCHAR NOT NULL CHECK (subject <> ''),
  month INTEGER NOT NULL CHECK (month BETWEEN 24000 AND 26400),
  carrier VARCHAR NOT NULL CHECK (carrier <> ''),
  flow VARCHAR NOT NULL CHECK (flow IN ('purchase', 'export', 'consume', 'recover', 'sequester')),
  quantity DECIMAL(18,6) NOT NULL CHECK (quantity >= 0),
  own_factor DECIMAL(18,9) CHECK (own_factor > 0),
  source VARCHAR
);
COMMENT ON COLUMN energy_monthly.subject IS '主体编号（用能单位或工序）|Subject id (unit or process)';
COMMENT ON COLUMN energy_monthly.month IS '月份（年×12＋月−1）|Month (year*12 + month-1)';
COMMENT ON COLUMN energy_monthly.carrier IS '能源品种代码|Carrier code';
COMMENT ON COLUMN energy_monthly.flow IS '流向（购入、外供、消耗、回收、固碳）|Flow (purchase, export, consume, recover, sequester)';
COMMENT ON COLUMN energy_monthly.quantity IS '实物量 [品种标准单位]|Quantity [standard unit of the carrier]';
COMMENT ON COLUMN energy_monthly.own_factor IS '实测折标系数（低位发热量÷29307.6）[kgce/标准单位]|Own coefficient from measured LHV / 29307.6 [kgce/standard unit]';
COMMENT ON COLUMN energy_monthly.source IS '数据来源（发票、磅单、化验单号）|Evidence (invoice, weighbridge, laboratory report)';
