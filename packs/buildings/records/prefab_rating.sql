-- title: 装配率评价|Prefabrication rating
-- file: department
-- review: department
-- key: project
-- due: none
-- Points of GB/T 51129-2017: P = (Q1 + Q2 + Q3) / (100 - Q4).
CREATE TABLE prefab_rating (
  subject VARCHAR NOT NULL CHECK (subject <> ''),
  project VARCHAR NOT NULL CHECK (project <> ''),
  rated DATE NOT NULL,
  q1 DECIMAL(18,6) NOT NULL CHECK (q1 BETWEEN 0 AND 50),
  q2 DECIMAL(18,6) NOT NULL CHECK (q2 BETWEEN 0 AND 20),
  q3 DECIMAL(18,6) NOT NULL CHECK (q3 BETWEEN 0 AND 30),
  q4 DECIMAL(18,6) NOT NULL CHECK (q4 BETWEEN 0 AND 99)
);
COMMENT ON COLUMN prefab_rating.subject IS '主体编号|Subject id';
COMMENT ON COLUMN prefab_rating.project IS '项目编号|Project id';
COMMENT ON COLUMN prefab_rating.rated IS '评价日期|Rated';
COMMENT ON COLUMN prefab_rating.q1 IS '主体结构 [分]|Structure [points]';
COMMENT ON COLUMN prefab_rating.q2 IS '围护墙和内隔墙 [分]|Walls [points]';
COMMENT ON COLUMN prefab_rating.q3 IS '装修和设备管线 [分]|Fit-out and pipes [points]';
COMMENT ON COLUMN prefab_rating.q4 IS '缺少项 [分]|Absent items [points]';
