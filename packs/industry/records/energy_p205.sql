-- title: 能源购进、消费与库存（P205-1 表）|Energy purchase, consumption and stock (form P205-1)
-- area: industry
-- file: energy_manager
-- review: department
-- flow: monthly
-- sheet: subject month
-- key: subject month code
-- owes: SELECT s.id AS subject FROM rec_subject s WHERE s.kind = 'unit'
-- due: day 10 of the next month
-- evidence: test_report
-- gives: energy_monthly
-- The monthly form of the National Bureau of Statistics, columns in its order, one row a variety of energy. Amounts in the unit of the
-- code (nbs_code): tonnes, 10^4 m3, 10^4 kWh, GJ. An empty amount is 0. The form's laws are checks/energy_p205/*.sql.
CREATE TABLE energy_p205 (
  subject VARCHAR NOT NULL CHECK (subject <> ''),
  month INTEGER NOT NULL CHECK (month BETWEEN 24000 AND 26400),
  code VARCHAR NOT NULL CHECK (length(code) = 2),
  opening_stock DECIMAL(18,6),
  purchase DECIMAL(18,6),
  purchase_outside DECIMAL(18,6),
  purchase_value DECIMAL(18,6),
  consumption DECIMAL(18,6),
  industrial DECIMAL(18,6),
  raw_material DECIMAL(18,6),
  non_industrial DECIMAL(18,6),
  transport DECIMAL(18,6),
  transform_input DECIMAL(18,6),
  transform_output DECIMAL(18,6),
  recovery DECIMAL(18,6),
  dispatched DECIMAL(18,6),
  gain_loss DECIMAL(18,6),
  closing_stock DECIMAL(18,6),
  coefficient DECIMAL(18,6),
  reference_coefficient DECIMAL(18,6),
  test_report VARCHAR
);
COMMENT ON COLUMN energy_p205.subject IS '用能单位编号|Unit id';
COMMENT ON COLUMN energy_p205.month IS '月份（年×12＋月−1）|Month (year*12 + month-1)';
COMMENT ON COLUMN energy_p205.code IS '能源品种代码|Energy variety code';
COMMENT ON COLUMN energy_p205.opening_stock IS '期初库存量 [计量单位]|Opening stock [unit of the code]';
COMMENT ON COLUMN energy_p205.purchase IS '购进量 [计量单位]|Purchased [unit of the code]';
COMMENT ON COLUMN energy_p205.purchase_outside IS '其中：购自省外 [计量单位]|of which from outside the province [unit of the code]';
COMMENT ON COLUMN energy_p205.purchase_value IS '购进金额 [千元]|Purchase value [10^3 CNY]';
COMMENT ON COLUMN energy_p205.consumption IS '消费合计 [计量单位]|Consumption, total [unit of the code]';
COMMENT ON COLUMN energy_p205.industrial IS '工业生产消费 [计量单位]|Industrial production [unit of the code]';
COMMENT ON COLUMN energy_p205.raw_material IS '其中：用于原材料 [计量单位]|of which as raw material [unit of the code]';
COMMENT ON COLUMN energy_p205.non_industrial IS '非工业生产消费 [计量单位]|Other than industrial production [unit of the code]';
COMMENT ON COLUMN energy_p205.transport IS '合计中：运输工具消费 [计量单位]|of the total: transport [unit of the code]';
COMMENT ON COLUMN energy_p205.transform_input IS '加工转换投入 [计量单位]|Input to transformation [unit of the code]';
COMMENT ON COLUMN energy_p205.transform_output IS '加工转换产出 [计量单位]|Output of transformation [unit of the code]';
COMMENT ON COLUMN energy_p205.recovery IS '回收利用 [计量单位]|Recovered [unit of the code]';
COMMENT ON COLUMN energy_p205.dispatched IS '拨出（外供）量 [计量单位]|Dispatched to others [unit of the code]';
COMMENT ON COLUMN energy_p205.gain_loss IS '盘盈（＋）盘亏（−） [计量单位]|Stock-taking gain (+) or loss (-) [unit of the code]';
COMMENT ON COLUMN energy_p205.closing_stock IS '期末库存量 [计量单位]|Closing stock [unit of the code]';
COMMENT ON COLUMN energy_p205.coefficient IS '采用折标系数 [吨标准煤/计量单位]|Coefficient used [tce/unit of the code]';
COMMENT ON COLUMN energy_p205.reference_coefficient IS '参考折标系数 [吨标准煤/计量单位]|Reference coefficient [tce/unit of the code]';
COMMENT ON COLUMN energy_p205.test_report IS '检验报告（证据文件）|Test report (evidence file)';
