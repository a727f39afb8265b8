-- title: 访问令牌|Access token
-- file: admin
-- review: admin
-- key: id
CREATE TABLE token (
  hash VARCHAR NOT NULL CHECK (length(hash) = 64),
  scopes VARCHAR NOT NULL,
  note VARCHAR,
  expires VARCHAR,
  revoked BOOLEAN NOT NULL
);
COMMENT ON COLUMN token.hash IS '密钥的 SHA-256|SHA-256 of the secret';
COMMENT ON COLUMN token.scopes IS '权限范围：read write manage|Scopes: read write manage';
COMMENT ON COLUMN token.note IS '用途|What it is for';
COMMENT ON COLUMN token.expires IS '失效时间（RFC 3339，空为长期）|Expiry (RFC 3339, empty: none)';
COMMENT ON COLUMN token.revoked IS '已吊销|Revoked';
