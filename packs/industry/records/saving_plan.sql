-- title: 节能量核验方案|Plan to verify a saving
-- file: energy_manager department
-- review: department
-- key: id
-- due: none
-- One measure judged by one meter (IPMVP option C). Between baseline and reporting period the measure is built.
CREATE TABLE saving_plan (
  subject VARCHAR NOT NULL CHECK (subject <> ''),
  measure VARCHAR NOT NULL CHECK (measure <> ''),
  point VARCHAR NOT NULL CHECK (point <> ''),
  weather VARCHAR NOT NULL CHECK (weather <> ''),
  baseline_from DATE NOT NULL,
  baseline_to DATE NOT NULL,
  report_from DATE NOT NULL,
  report_to DATE NOT NULL,
  CHECK (baseline_to >= baseline_from),
  CHECK (report_from > baseline_to),
  CHECK (report_to >= report_from)
);
COMMENT ON COLUMN saving_plan.subject IS '主体编号|Subject id';
COMMENT ON COLUMN saving_plan.measure IS '措施编号（节能诊断措施）|Measure (of an energy diagnosis)';
COMMENT ON COLUMN saving_plan.point IS '计量点|Metering point';
COMMENT ON COLUMN saving_plan.weather IS '气温所属主体|Subject of the weather records';
COMMENT ON COLUMN saving_plan.baseline_from IS '基期开始|Baseline from';
COMMENT ON COLUMN saving_plan.baseline_to IS '基期结束（含）|Baseline to (inclusive)';
COMMENT ON COLUMN saving_plan.report_from IS '报告期开始|Reporting period from';
COMMENT ON COLUMN saving_plan.report_to IS '报告期结束（含）|Reporting period to (inclusive)';
