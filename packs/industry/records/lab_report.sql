-- title: 燃料检验报告|Fuel laboratory report
-- file: energy_manager
-- review: department
-- key: subject month carrier sample_no
-- due: none
-- evidence: sha256
-- One report of one sample. Days must run sampled, sealed, received, tested, reported, uploaded (rules/lab_*.sql say what does not fit).
CREATE TABLE lab_report (
  subject VARCHAR NOT NULL CHECK (subject <> ''),
  month INTEGER NOT NULL CHECK (month BETWEEN 24000 AND 26400),
  carrier VARCHAR NOT NULL CHECK (carrier <> ''),
  sample_no VARCHAR NOT NULL CHECK (sample_no <> ''),
  lab VARCHAR NOT NULL CHECK (lab <> ''),
  report_no VARCHAR NOT NULL CHECK (report_no <> ''),
  sampled DATE NOT NULL,
  sealed DATE,
  received DATE NOT NULL,
  tested DATE NOT NULL,
  reported DATE NOT NULL,
  uploaded DATE,
  sha256 VARCHAR CHECK (length(sha256) = 64),
  lhv DECIMAL(18,6) CHECK (lhv > 0),
  carbon DECIMAL(18,6) CHECK (carbon > 0 AND carbon <= 100),
  moisture DECIMAL(18,6) CHECK (moisture >= 0 AND moisture <= 100)
);
COMMENT ON COLUMN lab_report.subject IS '用能单位编号|Unit id';
COMMENT ON COLUMN lab_report.month IS '样品所属月份（年×12＋月−1）|Month the sample stands for (year*12 + month-1)';
COMMENT ON COLUMN lab_report.carrier IS '能源品种代码|Carrier code';
COMMENT ON COLUMN lab_report.sample_no IS '样品编号|Sample number';
COMMENT ON COLUMN lab_report.lab IS '检验机构|Laboratory';
COMMENT ON COLUMN lab_report.report_no IS '报告编号|Report number';
COMMENT ON COLUMN lab_report.sampled IS '采样日期|Sampled';
COMMENT ON COLUMN lab_report.sealed IS '封样日期|Sealed';
COMMENT ON COLUMN lab_report.received IS '收样日期|Received';
COMMENT ON COLUMN lab_report.tested IS '检验日期|Tested';
COMMENT ON COLUMN lab_report.reported IS '报告日期|Reported';
COMMENT ON COLUMN lab_report.uploaded IS '上传日期|Uploaded';
COMMENT ON COLUMN lab_report.sha256 IS '报告文件（证据文件 SHA-256）|Report file (SHA-256 of the evidence)';
COMMENT ON COLUMN lab_report.lhv IS '收到基低位发热量 [kJ/kg 或 kJ/m3]|Lower heating value as received [kJ/kg or kJ/m3]';
COMMENT ON COLUMN lab_report.carbon IS '收到基元素碳含量 [%]|Carbon content as received [%]';
COMMENT ON COLUMN lab_report.moisture IS '全水分 [%]|Total moisture [%]';
