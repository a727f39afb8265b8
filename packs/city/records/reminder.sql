-- title: 催办|Reminder
-- key: id
-- api: none
-- One reminder of one form that is owed; shows on the desk of those who owe it. Written by the room work.
CREATE TABLE reminder (
  form VARCHAR NOT NULL CHECK (form <> ''),
  month INTEGER NOT NULL,
  subject VARCHAR NOT NULL CHECK (subject <> ''),
  day DATE NOT NULL
);
COMMENT ON COLUMN reminder.form IS '表单类型|Record type of the form';
COMMENT ON COLUMN reminder.month IS '月份（年×12＋月−1）|Month (year*12 + month-1)';
COMMENT ON COLUMN reminder.subject IS '主体编号|Subject id';
COMMENT ON COLUMN reminder.day IS '催办日|Day it was sent';
