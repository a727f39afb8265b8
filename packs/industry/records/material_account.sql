-- title: 大宗物料平衡账|Bulk material account
-- file: energy_manager department
-- review: department
-- key: subject month direction
-- due: day 10 of the next month
-- What the production accounts say came in or went out: the movements must close against it within 3 % (rule transport_balance).
CREATE TABLE material_account (
  subject VARCHAR NOT NULL CHECK (subject <> ''),
  month INTEGER NOT NULL CHECK (month BETWEEN 24000 AND 26400),
  direction VARCHAR NOT NULL CHECK (direction IN ('in', 'out')),
  quantity DECIMAL(18,6) NOT NULL CHECK (quantity >= 0),
  basis VARCHAR NOT NULL CHECK (basis <> '')
);
COMMENT ON COLUMN material_account.subject IS '主体编号|Subject id';
COMMENT ON COLUMN material_account.month IS '月份（年×12＋月−1）|Month (year*12 + month-1)';
COMMENT ON COLUMN material_account.direction IS '方向（进、出）|Direction (in, out)';
COMMENT ON COLUMN material_account.quantity IS '数量 [t]|Amount [t]';
COMMENT ON COLUMN material_account.basis IS '依据|Basis';
