-- title: 低碳行为|Low-carbon act
-- file: citizen department
-- review: department
-- key: person act device started
-- due: none
-- One act of one person who has consented for this scene. Credited in grams by the methodology in force; never taken off the inventory.
CREATE TABLE low_carbon_act (
  subject VARCHAR NOT NULL CHECK (subject <> ''),
  month INTEGER NOT NULL CHECK (month BETWEEN 24000 AND 26400),
  person VARCHAR NOT NULL CHECK (person <> ''),
  act VARCHAR NOT NULL CHECK (act IN ('walk', 'cycle', 'bus', 'no_cutlery', 'small_portion')),
  device VARCHAR NOT NULL CHECK (device <> ''),
  started TIMESTAMP NOT NULL,
  amount DECIMAL(18,6) NOT NULL CHECK (amount >= 0),
  consent BOOLEAN,
  clawed_back BOOLEAN
);
COMMENT ON COLUMN low_carbon_act.subject IS '主体编号|Subject id';
COMMENT ON COLUMN low_carbon_act.month IS '月份（年×12＋月−1）|Month (year*12 + month-1)';
COMMENT ON COLUMN low_carbon_act.person IS '人员代号（无姓名）|Person, a code without a name';
COMMENT ON COLUMN low_carbon_act.act IS '行为|Act';
COMMENT ON COLUMN low_carbon_act.device IS '设备代号|Device';
COMMENT ON COLUMN low_carbon_act.started IS '开始时刻（协调世界时）|Started (UTC)';
COMMENT ON COLUMN low_carbon_act.amount IS '数量 [km 或次]|Amount [km or times]';
COMMENT ON COLUMN low_carbon_act.consent IS '该场景已授权|Consent for this scene';
COMMENT ON COLUMN low_carbon_act.clawed_back IS '已追回|Taken back';
