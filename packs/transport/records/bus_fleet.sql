-- title: 公交车辆|Bus fleet
-- file: energy_manager department
-- review: department
-- key: id
-- due: none
-- A batch of buses of one kind, from when to when in service.
CREATE TABLE bus_fleet (
  subject VARCHAR NOT NULL CHECK (subject <> ''),
  energy VARCHAR NOT NULL CHECK (energy IN ('bev', 'phev', 'fcev', 'cng', 'diesel')),
  vehicles INTEGER NOT NULL CHECK (vehicles > 0),
  in_service DATE NOT NULL,
  retired DATE
);
COMMENT ON COLUMN bus_fleet.subject IS '主体编号|Subject id';
COMMENT ON COLUMN bus_fleet.energy IS '动力（纯电、插混、燃料电池、天然气、柴油）|Drive';
COMMENT ON COLUMN bus_fleet.vehicles IS '车辆数|Vehicles';
COMMENT ON COLUMN bus_fleet.in_service IS '投运日期|In service';
COMMENT ON COLUMN bus_fleet.retired IS '退役日期|Retired';
