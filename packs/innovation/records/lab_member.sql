-- title: 实验室群成员|Member of a laboratory group
-- file: department
-- review: department
-- key: lab member
-- due: none
-- A firm in a laboratory; one firm may be in several and counts once.
CREATE TABLE lab_member (
  subject VARCHAR NOT NULL CHECK (subject <> ''),
  lab VARCHAR NOT NULL CHECK (lab <> ''),
  member VARCHAR NOT NULL CHECK (member <> ''),
  joined DATE NOT NULL,
  left_on DATE
);
COMMENT ON COLUMN lab_member.subject IS '主体编号|Subject id';
COMMENT ON COLUMN lab_member.lab IS '实验室|Laboratory';
COMMENT ON COLUMN lab_member.member IS '成员企业|Member firm';
COMMENT ON COLUMN lab_member.joined IS '加入日期|Joined';
COMMENT ON COLUMN lab_member.left_on IS '退出日期|Left';
