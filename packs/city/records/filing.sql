-- title: 填报|Filing
-- key: id
-- api: none
-- The envelope of one form and its life: every save and every step is one version of this record (docs/internals/filing.md). Written by
-- the filing room alone; served by /api/v1/filings.
CREATE TABLE filing (
  form VARCHAR NOT NULL CHECK (form <> ''),
  sheet VARCHAR NOT NULL,
  subject VARCHAR,
  month INTEGER,
  area VARCHAR NOT NULL,
  district VARCHAR,
  org VARCHAR,
  state VARCHAR NOT NULL CHECK (state <> ''),
  revision INTEGER NOT NULL CHECK (revision >= 1),
  "rows" VARCHAR NOT NULL,
  "explain" VARCHAR NOT NULL,
  step VARCHAR NOT NULL CHECK (step <> ''),
  reason VARCHAR,
  steps VARCHAR NOT NULL,
  given VARCHAR NOT NULL,
  findings VARCHAR NOT NULL,
  due DATE,
  late BOOLEAN
);
COMMENT ON COLUMN filing.form IS '表单类型|Record type of the form';
COMMENT ON COLUMN filing.sheet IS '表头值（JSON 对象）|Values that make the form one (JSON object)';
COMMENT ON COLUMN filing.subject IS '主体编号|Subject id';
COMMENT ON COLUMN filing.month IS '月份（年×12＋月−1）|Month (year*12 + month-1)';
COMMENT ON COLUMN filing.area IS '领域|Area';
COMMENT ON COLUMN filing.district IS '区县|District';
COMMENT ON COLUMN filing.org IS '用能单位|Organisation';
COMMENT ON COLUMN filing.state IS '流程状态|State of its flow';
COMMENT ON COLUMN filing.revision IS '更正版次|Revision (counts corrections)';
COMMENT ON COLUMN filing."rows" IS '数据行（JSON 数组）|Rows (JSON array)';
COMMENT ON COLUMN filing."explain" IS '情况说明（JSON 对象）|Explanations (JSON object: finding id to text)';
COMMENT ON COLUMN filing.step IS '本次步骤|The step that made this version';
COMMENT ON COLUMN filing.reason IS '理由|Reason';
COMMENT ON COLUMN filing.steps IS '本版各步（JSON 数组）|Steps of this revision (JSON array of step, by, at)';
COMMENT ON COLUMN filing.given IS '派生记录编号（JSON 数组）|Ids of the records it gave (JSON array)';
COMMENT ON COLUMN filing.findings IS '审核发现计数（JSON 对象）|Counts of findings (JSON object)';
COMMENT ON COLUMN filing.due IS '截止日|Due day';
COMMENT ON COLUMN filing.late IS '逾期提交|Submitted after the due day';
