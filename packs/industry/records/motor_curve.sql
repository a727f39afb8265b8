-- title: 电动机能效限值曲线|Efficiency curve of motors
-- file: department
-- review: department
-- key: poles class
-- due: none
-- Coefficients of eta% = A x^3 + B x^2 + C x + D, x = log10 kW (IEC 60034-30-1, 50 Hz, 0.75-200 kW; above as 200).
CREATE TABLE motor_curve (
  poles INTEGER NOT NULL CHECK (poles IN (2, 4, 6)),
  class VARCHAR NOT NULL CHECK (class IN ('IE1', 'IE2', 'IE3')),
  a DECIMAL(18,6) NOT NULL,
  b DECIMAL(18,6) NOT NULL,
  c DECIMAL(18,6) NOT NULL,
  d DECIMAL(18,6) NOT NULL,
  source VARCHAR NOT NULL
);
COMMENT ON COLUMN motor_curve.poles IS '极数|Poles';
COMMENT ON COLUMN motor_curve.class IS '能效等级|Class';
COMMENT ON COLUMN motor_curve.a IS '系数 A|Coefficient A';
COMMENT ON COLUMN motor_curve.b IS '系数 B|Coefficient B';
COMMENT ON COLUMN motor_curve.c IS '系数 C|Coefficient C';
COMMENT ON COLUMN motor_curve.d IS '系数 D|Coefficient D';
COMMENT ON COLUMN motor_curve.source IS '来源|Source';
