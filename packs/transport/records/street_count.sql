-- title: 慢行计数|Walking and cycling count
-- file: department
-- review: department
-- key: place kind day
-- due: none
-- People who walked or cycled past one counting place on one day.
CREATE TABLE street_count (
  subject VARCHAR NOT NULL CHECK (subject <> ''),
  place VARCHAR NOT NULL CHECK (place <> ''),
  kind VARCHAR NOT NULL CHECK (kind IN ('walk', 'cycle')),
  day DATE NOT NULL,
  people INTEGER NOT NULL CHECK (people >= 0)
);
COMMENT ON COLUMN street_count.subject IS '主体编号|Subject id';
COMMENT ON COLUMN street_count.place IS '计数点|Place';
COMMENT ON COLUMN street_count.kind IS '方式（步行、骑行）|Mode';
COMMENT ON COLUMN street_count.day IS '日期|Day';
COMMENT ON COLUMN street_count.people IS '人次|People';
