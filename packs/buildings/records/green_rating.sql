-- title: 绿色建筑评价得分|Green rating scores
-- file: department
-- review: department
-- key: project
-- due: none
-- Scores of GB/T 50378-2019: Q = (400 + Q1 + .. + Q5 + QA) / 10 when all control items are met.
CREATE TABLE green_rating (
  subject VARCHAR NOT NULL CHECK (subject <> ''),
  project VARCHAR NOT NULL CHECK (project <> ''),
  rated DATE NOT NULL,
  control_items BOOLEAN NOT NULL,
  full_fitout BOOLEAN NOT NULL,
  q1 DECIMAL(18,6) NOT NULL CHECK (q1 BETWEEN 0 AND 100),
  q2 DECIMAL(18,6) NOT NULL CHECK (q2 BETWEEN 0 AND 100),
  q3 DECIMAL(18,6) NOT NULL CHECK (q3 BETWEEN 0 AND 100),
  q4 DECIMAL(18,6) NOT NULL CHECK (q4 BETWEEN 0 AND 200),
  q5 DECIMAL(18,6) NOT NULL CHECK (q5 BETWEEN 0 AND 100),
  qa DECIMAL(18,6) NOT NULL CHECK (qa BETWEEN 0 AND 100),
  table_star INTEGER NOT NULL CHECK (table_star BETWEEN 0 AND 3)
);
COMMENT ON COLUMN green_rating.subject IS '主体编号|Subject id';
COMMENT ON COLUMN green_rating.project IS '项目编号|Project id';
COMMENT ON COLUMN green_rating.rated IS '评价日期|Rated';
COMMENT ON COLUMN green_rating.control_items IS '控制项全部满足|All control items met';
COMMENT ON COLUMN green_rating.full_fitout IS '全装修|Full fit-out';
COMMENT ON COLUMN green_rating.q1 IS '安全耐久 [分]|Safety and durability [points]';
COMMENT ON COLUMN green_rating.q2 IS '健康舒适 [分]|Health and comfort [points]';
COMMENT ON COLUMN green_rating.q3 IS '生活便利 [分]|Convenience [points]';
COMMENT ON COLUMN green_rating.q4 IS '资源节约 [分]|Resources [points]';
COMMENT ON COLUMN green_rating.q5 IS '环境宜居 [分]|Environment [points]';
COMMENT ON COLUMN green_rating.qa IS '提高与创新 [分]|Innovation [points]';
COMMENT ON COLUMN green_rating.table_star IS '表 3.2.8 可达星级|Star allowed by table 3.2.8';
