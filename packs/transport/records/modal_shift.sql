-- title: 运输方式转换|Modal shift
-- file: energy_manager department
-- review: department
-- key: subject month corridor
-- due: day 10 of the next month
-- Goods that went by rail instead of road on one corridor in one month, each way with its own distance, first and last mile included.
CREATE TABLE modal_shift (
  subject VARCHAR NOT NULL CHECK (subject <> ''),
  month INTEGER NOT NULL CHECK (month BETWEEN 24000 AND 26400),
  corridor VARCHAR NOT NULL CHECK (corridor <> ''),
  goods_t DECIMAL(18,6) NOT NULL CHECK (goods_t > 0),
  road_km DECIMAL(18,6) NOT NULL CHECK (road_km > 0),
  rail_km DECIMAL(18,6) NOT NULL CHECK (rail_km > 0),
  first_last_km DECIMAL(18,6) NOT NULL CHECK (first_last_km >= 0)
);
COMMENT ON COLUMN modal_shift.subject IS '主体编号|Subject id';
COMMENT ON COLUMN modal_shift.month IS '月份（年×12＋月−1）|Month (year*12 + month-1)';
COMMENT ON COLUMN modal_shift.corridor IS '通道|Corridor';
COMMENT ON COLUMN modal_shift.goods_t IS '货运量 [t]|Goods [t]';
COMMENT ON COLUMN modal_shift.road_km IS '原公路运距 [km]|Way by road [km]';
COMMENT ON COLUMN modal_shift.rail_km IS '铁路运距 [km]|Way by rail [km]';
COMMENT ON COLUMN modal_shift.first_last_km IS '两端公路运距 [km]|First and last mile by road [km]';
