-- title: 批注|Comment
-- key: id
-- api: none
-- A remark anchored to a cell of a filing. Served by /api/v1/filings/{id}/comments.
CREATE TABLE comment (
  filing VARCHAR NOT NULL CHECK (filing <> ''),
  row_key VARCHAR,
  field VARCHAR,
  text VARCHAR NOT NULL CHECK (length(text) BETWEEN 1 AND 2000),
  parent VARCHAR,
  author VARCHAR NOT NULL,
  written TIMESTAMP NOT NULL,
  resolved BOOLEAN NOT NULL
);
COMMENT ON COLUMN comment.filing IS '填报编号|Filing id';
COMMENT ON COLUMN comment.row_key IS '行键|Key of the row';
COMMENT ON COLUMN comment.field IS '列|Column';
COMMENT ON COLUMN comment.text IS '内容|Text';
COMMENT ON COLUMN comment.parent IS '回复的批注|Comment it answers';
COMMENT ON COLUMN comment.author IS '作者|Author';
COMMENT ON COLUMN comment.written IS '写作时刻（协调世界时）|When it was written (UTC)';
COMMENT ON COLUMN comment.resolved IS '已解决|Resolved';
