-- title: 碳账户注销|Erasure of a carbon account
-- file: citizen department
-- review: department
-- key: person
-- due: none
-- A person asked to be erased. Who stands behind the code is known to the issuing app alone, which destroys that; here the account ends: no
-- points, no further credit. Grams credited before stay in the city's total, where they tell nothing of anybody.
CREATE TABLE carbon_erasure (
  subject VARCHAR NOT NULL CHECK (subject <> ''),
  person VARCHAR NOT NULL CHECK (person <> ''),
  requested DATE NOT NULL
);
COMMENT ON COLUMN carbon_erasure.subject IS '主体编号|Subject id';
COMMENT ON COLUMN carbon_erasure.person IS '人员代号（无姓名）|Person, a code without a name';
COMMENT ON COLUMN carbon_erasure.requested IS '申请日期|Requested';
