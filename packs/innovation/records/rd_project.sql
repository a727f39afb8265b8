-- title: 低碳科研项目|Low-carbon R&D project
-- file: department
-- review: department
-- key: id
-- due: none
-- A project in a programme.
CREATE TABLE rd_project (
  subject VARCHAR NOT NULL CHECK (subject <> ''),
  name VARCHAR NOT NULL CHECK (name <> ''),
  unit VARCHAR NOT NULL CHECK (unit <> ''),
  programme VARCHAR NOT NULL CHECK (programme IN ('provincial_key', 'provincial_special', 'international')),
  field VARCHAR NOT NULL CHECK (field <> ''),
  started DATE NOT NULL,
  ended DATE,
  trl INTEGER CHECK (trl BETWEEN 1 AND 9),
  stands_for VARCHAR
);
COMMENT ON COLUMN rd_project.subject IS '主体编号|Subject id';
COMMENT ON COLUMN rd_project.name IS '项目|Project';
COMMENT ON COLUMN rd_project.unit IS '承担单位|Unit';
COMMENT ON COLUMN rd_project.programme IS '计划（省重点研发、省科技专项、国际科技合作）|Programme';
COMMENT ON COLUMN rd_project.field IS '领域|Field';
COMMENT ON COLUMN rd_project.started IS '立项日期|Started';
COMMENT ON COLUMN rd_project.ended IS '结题日期|Ended';
COMMENT ON COLUMN rd_project.trl IS '技术成熟度|Readiness level';
COMMENT ON COLUMN rd_project.stands_for IS '演示数据所代表的文中单位（仅演示记录）|Organisation of the article that a sample record stands for (sample records only)';
