-- title: 技术目录与示范|Catalogue entry and award
-- file: department
-- review: department
-- key: id
-- due: none
-- 四新: new technology, process, material or equipment in the provincial catalogue; 好房子: a housing scheme.
CREATE TABLE catalogue_award (
  subject VARCHAR NOT NULL CHECK (subject <> ''),
  item VARCHAR NOT NULL CHECK (item <> ''),
  unit VARCHAR NOT NULL CHECK (unit <> ''),
  catalogue VARCHAR NOT NULL CHECK (catalogue IN ('four_new', 'good_house')),
  level VARCHAR NOT NULL CHECK (level IN ('provincial', 'national')),
  awarded DATE NOT NULL,
  removed DATE,
  stands_for VARCHAR
);
COMMENT ON COLUMN catalogue_award.subject IS '主体编号|Subject id';
COMMENT ON COLUMN catalogue_award.item IS '成果或项目|Item';
COMMENT ON COLUMN catalogue_award.unit IS '单位|Unit';
COMMENT ON COLUMN catalogue_award.catalogue IS '目录（四新、好房子）|Catalogue';
COMMENT ON COLUMN catalogue_award.level IS '级别|Level';
COMMENT ON COLUMN catalogue_award.awarded IS '公布日期|Awarded';
COMMENT ON COLUMN catalogue_award.removed IS '移出日期|Removed';
COMMENT ON COLUMN catalogue_award.stands_for IS '演示数据所代表的文中单位（仅演示记录）|Organisation of the article that a sample record stands for (sample records only)';
