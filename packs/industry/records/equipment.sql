-- title: 低效设备排查|Equipment survey
-- file: energy_manager department
-- review: department
-- key: id
-- due: none
-- One machine seen at the plate: what it is, how it runs, what was decided. A motor is low-efficiency below IE3 (GB 18613-2020 grade 3).
CREATE TABLE equipment (
  subject VARCHAR NOT NULL CHECK (subject <> ''),
  kind VARCHAR NOT NULL CHECK (kind IN ('motor', 'transformer', 'other')),
  model VARCHAR NOT NULL CHECK (model <> ''),
  rated_kw DECIMAL(18,6) NOT NULL CHECK (rated_kw > 0),
  poles INTEGER CHECK (poles IN (2, 4, 6)),
  efficiency DECIMAL(18,6) CHECK (efficiency BETWEEN 50 AND 100),
  no_load_kw DECIMAL(18,6) CHECK (no_load_kw >= 0),
  load_loss_kw DECIMAL(18,6) CHECK (load_loss_kw >= 0),
  mean_load DECIMAL(18,6) NOT NULL CHECK (mean_load BETWEEN 0 AND 1.5),
  hours DECIMAL(18,6) NOT NULL CHECK (hours BETWEEN 0 AND 8784),
  seen DATE NOT NULL,
  low_efficiency BOOLEAN NOT NULL,
  replaced DATE,
  new_efficiency DECIMAL(18,6) CHECK (new_efficiency BETWEEN 50 AND 100),
  new_no_load_kw DECIMAL(18,6) CHECK (new_no_load_kw >= 0),
  new_load_loss_kw DECIMAL(18,6) CHECK (new_load_loss_kw >= 0),
  CHECK (kind <> 'motor' OR (poles IS NOT NULL AND efficiency IS NOT NULL)),
  CHECK (kind <> 'transformer' OR (no_load_kw IS NOT NULL AND load_loss_kw IS NOT NULL)),
  CHECK (replaced IS NULL OR replaced >= seen)
);
COMMENT ON COLUMN equipment.subject IS '主体编号|Subject id';
COMMENT ON COLUMN equipment.kind IS '类别（电动机、变压器、其他）|Kind';
COMMENT ON COLUMN equipment.model IS '型号|Model';
COMMENT ON COLUMN equipment.rated_kw IS '额定功率 [kW]|Rated power [kW]';
COMMENT ON COLUMN equipment.poles IS '极数|Poles';
COMMENT ON COLUMN equipment.efficiency IS '铭牌效率 [%]|Plate efficiency [%]';
COMMENT ON COLUMN equipment.no_load_kw IS '空载损耗 [kW]|No-load loss [kW]';
COMMENT ON COLUMN equipment.load_loss_kw IS '负载损耗 [kW]|Load loss [kW]';
COMMENT ON COLUMN equipment.mean_load IS '平均负载率|Mean load';
COMMENT ON COLUMN equipment.hours IS '年运行时间 [h]|Hours a year [h]';
COMMENT ON COLUMN equipment.seen IS '排查日期|Seen';
COMMENT ON COLUMN equipment.low_efficiency IS '认定为低效|Found low-efficiency';
COMMENT ON COLUMN equipment.replaced IS '更换日期|Replaced';
COMMENT ON COLUMN equipment.new_efficiency IS '新设备效率 [%]|Efficiency of the new one [%]';
COMMENT ON COLUMN equipment.new_no_load_kw IS '新空载损耗 [kW]|New no-load loss [kW]';
COMMENT ON COLUMN equipment.new_load_loss_kw IS '新负载损耗 [kW]|New load loss [kW]';
