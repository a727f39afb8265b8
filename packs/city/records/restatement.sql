-- title: 重述|Restatement
-- key: id
-- api: none
-- A published figure that has changed: old and new value, and why. Written by the kernel only, never changed; the publication stays
-- as it is. Read it by /api/v1/restatements.
CREATE TABLE restatement (
  publication VARCHAR NOT NULL CHECK (publication <> ''),
  figure VARCHAR NOT NULL CHECK (figure <> ''),
  subject VARCHAR NOT NULL CHECK (subject <> ''),
  period_from INTEGER NOT NULL,
  period_to INTEGER NOT NULL,
  published DECIMAL(38,9) NOT NULL,
  old_value DECIMAL(38,9),
  new_value DECIMAL(38,9),
  difference DECIMAL(38,9),
  unit VARCHAR NOT NULL,
  cause VARCHAR NOT NULL,
  reason VARCHAR NOT NULL,
  book_seq BIGINT NOT NULL
);
COMMENT ON COLUMN restatement.publication IS '发布记录编号|Id of the publication';
COMMENT ON COLUMN restatement.figure IS '指标编号|Indicator id';
COMMENT ON COLUMN restatement.subject IS '主体编号|Subject id';
COMMENT ON COLUMN restatement.period_from IS '起始月（年×12＋月−1）|First month (year*12 + month-1)';
COMMENT ON COLUMN restatement.period_to IS '终止月（含）|Last month, inclusive';
COMMENT ON COLUMN restatement.published IS '发布值|Published value';
COMMENT ON COLUMN restatement.old_value IS '此前的值|Value before';
COMMENT ON COLUMN restatement.new_value IS '现在的值；空为无法计算|Value now; null: cannot be computed';
COMMENT ON COLUMN restatement.difference IS '现值减此前的值|Value now less the value before';
COMMENT ON COLUMN restatement.unit IS '单位|Unit';
COMMENT ON COLUMN restatement.cause IS '起因（JSON：变更的记录、迟到读数）|Cause (JSON: changed records, late readings)';
COMMENT ON COLUMN restatement.reason IS '理由|Reason';
COMMENT ON COLUMN restatement.book_seq IS '重述时账册所至日志序号|Journal sequence of the book at that moment';
