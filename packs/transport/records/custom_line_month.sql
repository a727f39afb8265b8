-- title: 定制公交月运营|Custom line, month
-- file: energy_manager department
-- review: department
-- key: subject month line
-- due: day 10 of the next month
-- Runs and riders of one line in one month.
CREATE TABLE custom_line_month (
  subject VARCHAR NOT NULL CHECK (subject <> ''),
  month INTEGER NOT NULL CHECK (month BETWEEN 24000 AND 26400),
  line VARCHAR NOT NULL CHECK (line <> ''),
  runs INTEGER NOT NULL CHECK (runs >= 0),
  riders INTEGER NOT NULL CHECK (riders >= 0),
  seats INTEGER NOT NULL CHECK (seats >= 0)
);
COMMENT ON COLUMN custom_line_month.subject IS '主体编号|Subject id';
COMMENT ON COLUMN custom_line_month.month IS '月份（年×12＋月−1）|Month (year*12 + month-1)';
COMMENT ON COLUMN custom_line_month.line IS '线路编号|Line id';
COMMENT ON COLUMN custom_line_month.runs IS '班次|Runs';
COMMENT ON COLUMN custom_line_month.riders IS '乘客|Riders';
COMMENT ON COLUMN custom_line_month.seats IS '提供座位|Seats offered';
