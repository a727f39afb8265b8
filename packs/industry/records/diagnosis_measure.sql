-- title: 节能诊断措施|Measure of an energy diagnosis
-- file: energy_manager department
-- review: department
-- key: id
-- due: none
-- One measure of one diagnosis report.
CREATE TABLE diagnosis_measure (
  subject VARCHAR NOT NULL CHECK (subject <> ''),
  report_no VARCHAR NOT NULL CHECK (report_no <> ''),
  measure VARCHAR NOT NULL CHECK (measure <> ''),
  saving_tce DECIMAL(18,6) NOT NULL CHECK (saving_tce >= 0),
  accepted BOOLEAN,
  proposed_on DATE NOT NULL,
  done_on DATE
);
COMMENT ON COLUMN diagnosis_measure.subject IS '主体编号|Subject id';
COMMENT ON COLUMN diagnosis_measure.report_no IS '诊断报告|Report';
COMMENT ON COLUMN diagnosis_measure.measure IS '措施|Measure';
COMMENT ON COLUMN diagnosis_measure.saving_tce IS '预计年节能量 [tce]|Expected saving per year [tce]';
COMMENT ON COLUMN diagnosis_measure.accepted IS '企业采纳|Accepted by the unit';
COMMENT ON COLUMN diagnosis_measure.proposed_on IS '提出日期|Proposed';
COMMENT ON COLUMN diagnosis_measure.done_on IS '实施完成日期|Done';
