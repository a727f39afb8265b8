-- title: 授权|Grant
-- file: system_admin
-- review: security_admin
-- key: id
-- A role for a person, within limits. Counts only when another person, a security administrator, has approved it.
CREATE TABLE "grant" (
  holder VARCHAR NOT NULL CHECK (holder <> ''),
  role VARCHAR NOT NULL CHECK (role IN ('citizen', 'leader', 'officer', 'reviewer', 'filer', 'approver', 'inspector', 'auditor', 'system_admin', 'security_admin', 'audit_admin')),
  area VARCHAR CHECK (area <> ''),
  district VARCHAR CHECK (district <> ''),
  org VARCHAR CHECK (org <> ''),
  valid_from DATE,
  valid_to DATE,
  reason VARCHAR,
  state VARCHAR NOT NULL CHECK (state IN ('proposed', 'approved', 'refused', 'revoked')),
  proposer VARCHAR NOT NULL,
  decider VARCHAR,
  decided VARCHAR,
  CHECK (role NOT IN ('filer', 'approver') OR org IS NOT NULL)
);
COMMENT ON COLUMN "grant".holder IS '被授权人|Who holds it';
COMMENT ON COLUMN "grant".role IS '角色|Role';
COMMENT ON COLUMN "grant".area IS '限于领域|Only in this area';
COMMENT ON COLUMN "grant".district IS '限于区县|Only in this district';
COMMENT ON COLUMN "grant".org IS '限于单位|Only for this organisation';
COMMENT ON COLUMN "grant".valid_from IS '生效日|First day';
COMMENT ON COLUMN "grant".valid_to IS '到期日（含）|Last day';
COMMENT ON COLUMN "grant".reason IS '理由|Reason';
COMMENT ON COLUMN "grant".state IS '状态（待批、已批、驳回、撤销）|State (proposed, approved, refused, revoked)';
COMMENT ON COLUMN "grant".proposer IS '提出人|Who proposed it';
COMMENT ON COLUMN "grant".decider IS '审批人|Who decided';
COMMENT ON COLUMN "grant".decided IS '审批时间|When it was decided';
