-- title: 建设项目|Construction project
-- file: department
-- review: department
-- key: id
-- due: none
-- One building project: its permit, its three gates (drawings, site, acceptance), what it is built to. `civil`: residential or public, so under the
-- green building regulation; industrial and other starts are in the total only.
CREATE TABLE construction_project (
  subject VARCHAR NOT NULL CHECK (subject <> ''),
  name VARCHAR NOT NULL CHECK (name <> ''),
  use_kind VARCHAR NOT NULL CHECK (use_kind IN ('residential', 'public', 'industrial')),
  area_m2 DECIMAL(18,6) NOT NULL CHECK (area_m2 > 0),
  permit DATE,
  saving_standard INTEGER NOT NULL CHECK (saving_standard IN (72, 75, 0)),
  drawing_day DATE,
  drawing_pass BOOLEAN,
  site_day DATE,
  site_pass BOOLEAN,
  accept_day DATE,
  accept_pass BOOLEAN,
  green_design BOOLEAN,
  stars INTEGER CHECK (stars BETWEEN 0 AND 3),
  green_accepted BOOLEAN,
  prefab_rate DECIMAL(18,6) CHECK (prefab_rate BETWEEN 0 AND 100),
  roof_pv_kwp DECIMAL(18,6) CHECK (roof_pv_kwp >= 0),
  stands_for VARCHAR
);
COMMENT ON COLUMN construction_project.subject IS '主体编号|Subject id';
COMMENT ON COLUMN construction_project.name IS '项目|Project';
COMMENT ON COLUMN construction_project.use_kind IS '用途（居住、公共、工业）|Use';
COMMENT ON COLUMN construction_project.area_m2 IS '建筑面积 [m2]|Floor area [m2]';
COMMENT ON COLUMN construction_project.permit IS '施工许可日期|Permit';
COMMENT ON COLUMN construction_project.saving_standard IS '节能标准 [%]（居住 75、公共 72、不适用 0）|Energy-saving standard [%]';
COMMENT ON COLUMN construction_project.drawing_day IS '审图日期|Drawings reviewed';
COMMENT ON COLUMN construction_project.drawing_pass IS '审图节能专项合格|Drawings passed';
COMMENT ON COLUMN construction_project.site_day IS '施工节能检查日期|Site inspected';
COMMENT ON COLUMN construction_project.site_pass IS '施工节能检查合格|Site passed';
COMMENT ON COLUMN construction_project.accept_day IS '竣工验收日期|Accepted';
COMMENT ON COLUMN construction_project.accept_pass IS '节能分部验收合格|Acceptance passed';
COMMENT ON COLUMN construction_project.green_design IS '按绿色建筑设计|Green design';
COMMENT ON COLUMN construction_project.stars IS '绿色建筑星级（0 基本级）|Stars (0 basic)';
COMMENT ON COLUMN construction_project.green_accepted IS '绿色建筑验收合格|Accepted as green building';
COMMENT ON COLUMN construction_project.prefab_rate IS '装配率 [%]|Prefabrication rate [%]';
COMMENT ON COLUMN construction_project.roof_pv_kwp IS '屋顶光伏 [kWp]|Roof PV [kWp]';
COMMENT ON COLUMN construction_project.stands_for IS '演示数据所代表的文中单位（仅演示记录）|Organisation of the article that a sample record stands for (sample records only)';
