-- title: 退出产能台账|Retired capacity
-- file: department
-- review: department
-- key: id
-- due: none
-- Capacity per year that was or will be taken away, by unit of plant. Who may use it for what is capacity_use.
CREATE TABLE retired_capacity (
  subject VARCHAR NOT NULL CHECK (subject <> ''),
  name VARCHAR NOT NULL CHECK (name <> ''),
  sector VARCHAR NOT NULL CHECK (sector <> ''),
  capacity_t DECIMAL(18,6) NOT NULL CHECK (capacity_t > 0),
  standing VARCHAR NOT NULL CHECK (standing IN ('listed', 'legal', 'overcapacity', 'substandard', 'outdated', 'dismantled', 'zombie', 'foundry')),
  retired_on DATE,
  verified_on DATE,
  verified_by VARCHAR,
  CHECK (verified_on IS NULL OR retired_on IS NOT NULL AND verified_on >= retired_on AND verified_by IS NOT NULL)
);
COMMENT ON COLUMN retired_capacity.subject IS '主体编号|Subject id';
COMMENT ON COLUMN retired_capacity.name IS '退出装置|Plant';
COMMENT ON COLUMN retired_capacity.sector IS '行业|Sector';
COMMENT ON COLUMN retired_capacity.capacity_t IS '核定产能 [t]|Capacity per year [t]';
COMMENT ON COLUMN retired_capacity.standing IS '产能性质（清单内、合法合规新建；去产能、地条钢、落后、已拆除、僵尸、铸造铁合金不得用于置换）|Standing (listed, legal; the others may not be used)';
COMMENT ON COLUMN retired_capacity.retired_on IS '退出日期|Retired';
COMMENT ON COLUMN retired_capacity.verified_on IS '现场核验日期|Verified on the spot';
COMMENT ON COLUMN retired_capacity.verified_by IS '核验人|Verified by';
