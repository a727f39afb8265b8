-- title: 碳账户授权|Consent of the carbon account
-- file: citizen department
-- review: department
-- key: person scene
-- due: none
-- A person, a code without a name, lets one scene be credited from one day on, until it is withdrawn.
CREATE TABLE carbon_consent (
  subject VARCHAR NOT NULL CHECK (subject <> ''),
  person VARCHAR NOT NULL CHECK (person <> ''),
  scene VARCHAR NOT NULL CHECK (scene IN ('walk', 'cycle', 'bus', 'no_cutlery', 'small_portion')),
  given DATE NOT NULL,
  withdrawn DATE,
  CHECK (withdrawn IS NULL OR withdrawn >= given)
);
COMMENT ON COLUMN carbon_consent.subject IS '主体编号|Subject id';
COMMENT ON COLUMN carbon_consent.person IS '人员代号（无姓名）|Person, a code without a name';
COMMENT ON COLUMN carbon_consent.scene IS '场景|Scene';
COMMENT ON COLUMN carbon_consent.given IS '授权日期|Given';
COMMENT ON COLUMN carbon_consent.withdrawn IS '撤回日期|Withdrawn';
