-- title: 海铁联运集装箱|Rail-sea containers
-- file: energy_manager department
-- review: department
-- key: subject month corridor direction size_ft
-- due: day 10 of the next month
-- Boxes that came by rail and went by ship or the other way, counted once; empties too.
CREATE TABLE rail_sea_container (
  subject VARCHAR NOT NULL CHECK (subject <> ''),
  month INTEGER NOT NULL CHECK (month BETWEEN 24000 AND 26400),
  corridor VARCHAR NOT NULL CHECK (corridor <> ''),
  direction VARCHAR NOT NULL CHECK (direction IN ('to_sea', 'to_rail')),
  size_ft INTEGER NOT NULL CHECK (size_ft IN (20, 40, 45)),
  boxes INTEGER NOT NULL CHECK (boxes >= 0),
  stands_for VARCHAR
);
COMMENT ON COLUMN rail_sea_container.subject IS '主体编号|Subject id';
COMMENT ON COLUMN rail_sea_container.month IS '月份（年×12＋月−1）|Month (year*12 + month-1)';
COMMENT ON COLUMN rail_sea_container.corridor IS '通道|Corridor';
COMMENT ON COLUMN rail_sea_container.direction IS '方向|Direction';
COMMENT ON COLUMN rail_sea_container.size_ft IS '箱型 [ft]|Size [ft]';
COMMENT ON COLUMN rail_sea_container.boxes IS '箱数|Boxes';
COMMENT ON COLUMN rail_sea_container.stands_for IS '演示数据所代表的文中单位（仅演示记录）|Organisation of the article that a sample record stands for (sample records only)';
