-- title: 发布|Publication
-- key: figure subject period_from period_to
-- flow: two_person
-- due: none
-- A figure as it was given out: one proposes, another decides. Everything but the key and the note is filled in by the kernel when the
-- change is proposed and again when it is accepted; what is typed there is overwritten. Publishing again makes a new version.
CREATE TABLE publication (
  figure VARCHAR NOT NULL CHECK (figure <> ''),
  subject VARCHAR NOT NULL CHECK (subject <> ''),
  period_from INTEGER NOT NULL CHECK (period_from BETWEEN 24000 AND 26400),
  period_to INTEGER NOT NULL CHECK (period_to BETWEEN 24000 AND 26400),
  value DECIMAL(38,9) NOT NULL,
  unit VARCHAR NOT NULL,
  numerator DECIMAL(38,9),
  denominator DECIMAL(38,9),
  factors VARCHAR NOT NULL,
  book_seq BIGINT NOT NULL CHECK (book_seq >= 0),
  note VARCHAR,
  CHECK (period_from <= period_to)
);
COMMENT ON COLUMN publication.figure IS '指标编号|Indicator id';
COMMENT ON COLUMN publication.subject IS '主体编号|Subject id';
COMMENT ON COLUMN publication.period_from IS '起始月（年×12＋月−1）|First month (year*12 + month-1)';
COMMENT ON COLUMN publication.period_to IS '终止月（含）|Last month, inclusive';
COMMENT ON COLUMN publication.value IS '发布值（由内核计算）|Published value (computed by the kernel)';
COMMENT ON COLUMN publication.unit IS '单位|Unit';
COMMENT ON COLUMN publication.numerator IS '分子|Numerator';
COMMENT ON COLUMN publication.denominator IS '分母|Denominator';
COMMENT ON COLUMN publication.factors IS '所用系数（JSON，编号@版次）|Factors used (JSON, id@edition)';
COMMENT ON COLUMN publication.book_seq IS '当时账册所至日志序号|Journal sequence of the book at that moment';
COMMENT ON COLUMN publication.note IS '说明|Note';
