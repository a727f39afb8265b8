-- title: 绿色贷款余额|Green loan balance
-- file: department
-- review: department
-- key: bank product directory_version month
-- due: none
-- Balance at the end of a month by bank and product, with the directory (绿色金融支持项目目录) by which it was called green. From 2025-10-01 the
-- 2025 directory: a series break.
CREATE TABLE green_loan (
  subject VARCHAR NOT NULL CHECK (subject <> ''),
  month INTEGER NOT NULL CHECK (month BETWEEN 24000 AND 26400),
  bank VARCHAR NOT NULL CHECK (bank <> ''),
  product VARCHAR NOT NULL CHECK (product IN ('pv', 'green', 'water', 'other')),
  directory_version VARCHAR NOT NULL CHECK (directory_version IN ('2019', '2025')),
  balance_wan DECIMAL(18,6) NOT NULL CHECK (balance_wan >= 0),
  borrowers INTEGER CHECK (borrowers >= 0)
);
COMMENT ON COLUMN green_loan.subject IS '主体编号|Subject id';
COMMENT ON COLUMN green_loan.month IS '月份（年×12＋月−1）|Month (year*12 + month-1)';
COMMENT ON COLUMN green_loan.bank IS '银行|Bank';
COMMENT ON COLUMN green_loan.product IS '产品（光伏贷、绿色贷、节水贷、其他）|Product';
COMMENT ON COLUMN green_loan.directory_version IS '目录版本|Version of the directory';
COMMENT ON COLUMN green_loan.balance_wan IS '余额 [万元]|Balance [10^4 CNY]';
COMMENT ON COLUMN green_loan.borrowers IS '借款人数|Borrowers';
