-- title: 佐证材料|Evidence file
-- key: id
-- api: none
-- A file that supports a field of a filing. Its bytes lie in evidence/ under their SHA-256; served by /api/v1/evidence/{sha256}.
CREATE TABLE evidence (
  sha256 VARCHAR NOT NULL CHECK (length(sha256) = 64),
  filing VARCHAR NOT NULL CHECK (filing <> ''),
  area VARCHAR NOT NULL,
  district VARCHAR,
  org VARCHAR,
  field VARCHAR,
  row_key VARCHAR,
  size BIGINT NOT NULL CHECK (size BETWEEN 1 AND 20971520),
  type VARCHAR NOT NULL CHECK (type IN ('pdf', 'png', 'jpg', 'xlsx', 'csv', 'txt')),
  name VARCHAR NOT NULL CHECK (length(name) BETWEEN 1 AND 200)
);
COMMENT ON COLUMN evidence.sha256 IS '内容的 SHA-256|SHA-256 of the content';
COMMENT ON COLUMN evidence.filing IS '填报编号|Filing id';
COMMENT ON COLUMN evidence.area IS '领域|Area';
COMMENT ON COLUMN evidence.district IS '区县|District';
COMMENT ON COLUMN evidence.org IS '用能单位|Organisation';
COMMENT ON COLUMN evidence.field IS '列|Column';
COMMENT ON COLUMN evidence.row_key IS '行键|Key of the row';
COMMENT ON COLUMN evidence.size IS '字节数 [B]|Size [B]';
COMMENT ON COLUMN evidence.type IS '类型|Type';
COMMENT ON COLUMN evidence.name IS '文件名|File name';
