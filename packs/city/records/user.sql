-- title: 用户|User
-- file: system_admin
-- review: none
-- key: id
-- Never shown, exported or filed like other records: hash, totp, recovery and link hold what guards an account.
CREATE TABLE "user" (
  name VARCHAR NOT NULL CHECK (name <> ''),
  org VARCHAR CHECK (org <> ''),
  state VARCHAR NOT NULL CHECK (state IN ('invited', 'active', 'disabled')),
  sample BOOLEAN,
  hash VARCHAR CHECK (length(hash) BETWEEN 20 AND 128),
  totp VARCHAR CHECK (length(totp) <= 200),
  recovery VARCHAR CHECK (length(recovery) <= 700),
  link VARCHAR CHECK (length(link) = 64),
  link_until VARCHAR
);
COMMENT ON COLUMN "user".name IS '姓名|Name';
COMMENT ON COLUMN "user".org IS '所属单位|Organisation';
COMMENT ON COLUMN "user".state IS '状态（待启用、启用、停用）|State (invited, active, disabled)';
COMMENT ON COLUMN "user".sample IS '是否演示数据|Whether demonstration data';
COMMENT ON COLUMN "user".hash IS '口令的 Argon2id 散列|Argon2id hash of the password';
COMMENT ON COLUMN "user".totp IS '加密的动态口令密钥|Encrypted key of the one-time codes';
COMMENT ON COLUMN "user".recovery IS '恢复码的 SHA-256|SHA-256 of the recovery codes left';
COMMENT ON COLUMN "user".link IS '一次性链接的 SHA-256|SHA-256 of the one-time link';
COMMENT ON COLUMN "user".link_until IS '一次性链接有效期（RFC 3339）|Expiry of the one-time link (RFC 3339)';
