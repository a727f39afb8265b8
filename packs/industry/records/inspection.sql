-- title: 节能监察|Energy-saving inspection
-- file: department
-- review: department
-- key: id
-- due: none
-- On site or in writing. Closed when the report is served; findings are put right by their day.
CREATE TABLE inspection (
  subject VARCHAR NOT NULL CHECK (subject <> ''),
  plan VARCHAR NOT NULL CHECK (plan <> ''),
  kind VARCHAR NOT NULL CHECK (kind IN ('on_site', 'written')),
  opened DATE NOT NULL,
  closed DATE,
  findings INTEGER CHECK (findings >= 0),
  rectify_due DATE,
  rectified DATE
);
COMMENT ON COLUMN inspection.subject IS '主体编号|Subject id';
COMMENT ON COLUMN inspection.plan IS '监察计划|Inspection plan';
COMMENT ON COLUMN inspection.kind IS '方式（现场、书面）|Kind (on site, written)';
COMMENT ON COLUMN inspection.opened IS '立项日期|Opened';
COMMENT ON COLUMN inspection.closed IS '办结日期|Closed';
COMMENT ON COLUMN inspection.findings IS '发现问题数|Findings';
COMMENT ON COLUMN inspection.rectify_due IS '整改期限|Put right by';
COMMENT ON COLUMN inspection.rectified IS '整改完成日期|Put right';
