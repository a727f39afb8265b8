-- title: 大宗货物进出厂运输|Bulk goods movement at the gate
-- file: energy_manager department
-- review: department
-- key: id
-- due: day 10 of the next month
-- One movement, or one month of movements of the same goods and mode, that crossed the gate: counted once, by the mode of its last leg
-- (its rules are rules/transport_*.sql). Movements inside the works have leg `internal` and count in no share.
CREATE TABLE bulk_movement (
  subject VARCHAR NOT NULL CHECK (subject <> ''),
  month INTEGER NOT NULL CHECK (month BETWEEN 24000 AND 26400),
  goods VARCHAR NOT NULL CHECK (goods <> ''),
  direction VARCHAR NOT NULL CHECK (direction IN ('in', 'out')),
  leg VARCHAR NOT NULL CHECK (leg IN ('gate', 'internal')),
  mode VARCHAR NOT NULL CHECK (mode IN ('rail', 'water', 'pipe', 'tube_belt', 'belt_gallery', 'nev_truck', 'diesel6_truck', 'diesel5_truck', 'other_truck')),
  net_t DECIMAL(18,6) NOT NULL CHECK (net_t >= 0),
  doc_type VARCHAR NOT NULL CHECK (doc_type IN ('rail_waybill', 'ship_bill', 'belt_scale', 'pipeline_meter', 'weighbridge')),
  doc_no VARCHAR NOT NULL CHECK (doc_no <> ''),
  plate VARCHAR,
  vin VARCHAR CHECK (length(vin) = 17),
  weighed_at TIMESTAMP,
  weighbridge VARCHAR,
  tare_t DECIMAL(18,6) CHECK (tare_t > 0),
  stage_source VARCHAR CHECK (stage_source IN ('registration', 'list', 'driver')),
  nev_confirmed BOOLEAN,
  stands_for VARCHAR
);
COMMENT ON COLUMN bulk_movement.subject IS '主体编号|Subject id';
COMMENT ON COLUMN bulk_movement.month IS '月份（年×12＋月−1）|Month (year*12 + month-1)';
COMMENT ON COLUMN bulk_movement.goods IS '货物|Goods';
COMMENT ON COLUMN bulk_movement.direction IS '方向（进、出）|Direction (in, out)';
COMMENT ON COLUMN bulk_movement.leg IS '运段（进出厂门、厂内倒运）|Leg (across the gate, inside the works)';
COMMENT ON COLUMN bulk_movement.mode IS '末段运输方式|Mode of the last leg';
COMMENT ON COLUMN bulk_movement.net_t IS '净重 [t]|Net mass [t]';
COMMENT ON COLUMN bulk_movement.doc_type IS '凭证类型|Kind of document';
COMMENT ON COLUMN bulk_movement.doc_no IS '凭证号|Document number';
COMMENT ON COLUMN bulk_movement.plate IS '车牌（逐车记录）|Plate (records of one truck)';
COMMENT ON COLUMN bulk_movement.vin IS '车辆识别代号（逐车记录）|VIN (records of one truck)';
COMMENT ON COLUMN bulk_movement.weighed_at IS '过磅时刻（协调世界时）|Weighed at (UTC)';
COMMENT ON COLUMN bulk_movement.weighbridge IS '地磅编号|Weighbridge';
COMMENT ON COLUMN bulk_movement.tare_t IS '皮重 [t]|Tare [t]';
COMMENT ON COLUMN bulk_movement.stage_source IS '排放阶段依据（行驶证、环保清单、司机自报）|Where the emission stage is from (registration, list, driver)';
COMMENT ON COLUMN bulk_movement.nev_confirmed IS '新能源车按国标平台核实|New-energy truck confirmed by the national vehicle feed';
COMMENT ON COLUMN bulk_movement.stands_for IS '演示数据所代表的文中单位（仅演示记录）|Organisation of the article that a sample record stands for (sample records only)';
