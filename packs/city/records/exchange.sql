-- title: 换表申报|Meter exchange
-- file: admin operator energy_manager
-- review: admin
-- key: point exchanged_at
-- due: within 1 day of the exchange
-- Without this declaration a register that starts anew is an invalid drop (rule V08b), not consumption.
CREATE TABLE exchange (
  point VARCHAR NOT NULL CHECK (point <> ''),
  exchanged_at TIMESTAMP NOT NULL,
  final_reading DECIMAL(24,6) NOT NULL CHECK (final_reading >= 0),
  initial_reading DECIMAL(24,6) NOT NULL CHECK (initial_reading >= 0),
  reason VARCHAR
);
COMMENT ON COLUMN exchange.point IS '计量点（序列键）|Point (series key)';
COMMENT ON COLUMN exchange.exchanged_at IS '换表时刻（协调世界时）|Moment of the exchange (UTC)';
COMMENT ON COLUMN exchange.final_reading IS '旧表止码 [读数单位]|Final reading of the old register [reading unit]';
COMMENT ON COLUMN exchange.initial_reading IS '新表起码 [读数单位]|Initial reading of the new register [reading unit]';
COMMENT ON COLUMN exchange.reason IS '原因|Reason';
