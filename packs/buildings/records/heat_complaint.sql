-- title: 供热投诉|Heating complaints
-- file: department
-- review: department
-- key: subject month
-- due: day 10 of the next month
-- Complaints about heating in one district in one month, and how many were settled in time.
CREATE TABLE heat_complaint (
  subject VARCHAR NOT NULL CHECK (subject <> ''),
  month INTEGER NOT NULL CHECK (month BETWEEN 24000 AND 26400),
  households INTEGER NOT NULL CHECK (households > 0),
  complaints INTEGER NOT NULL CHECK (complaints >= 0),
  settled INTEGER NOT NULL CHECK (settled >= 0),
  CHECK (settled <= complaints)
);
COMMENT ON COLUMN heat_complaint.subject IS '主体编号|Subject id';
COMMENT ON COLUMN heat_complaint.month IS '月份（年×12＋月−1）|Month (year*12 + month-1)';
COMMENT ON COLUMN heat_complaint.households IS '供热户数|Heated households';
COMMENT ON COLUMN heat_complaint.complaints IS '投诉件数|Complaints';
COMMENT ON COLUMN heat_complaint.settled IS '按时办结件数|Settled in time';
