-- title: 委托与转办|Delegation
-- key: id
-- api: none
-- Work handed to another person who holds the same role: all of it over a span of days, or one form (task). Written by the room work.
CREATE TABLE delegation (
  giver VARCHAR NOT NULL CHECK (giver <> ''),
  taker VARCHAR NOT NULL CHECK (taker <> ''),
  from_day DATE NOT NULL,
  to_day DATE NOT NULL,
  task VARCHAR CHECK (task <> ''),
  reason VARCHAR NOT NULL CHECK (reason <> ''),
  ended BOOLEAN NOT NULL,
  CHECK (giver <> taker),
  CHECK (from_day <= to_day)
);
COMMENT ON COLUMN delegation.giver IS '委托人|Who hands over';
COMMENT ON COLUMN delegation.taker IS '受托人|Who takes over';
COMMENT ON COLUMN delegation.from_day IS '起始日|First day';
COMMENT ON COLUMN delegation.to_day IS '截止日（含）|Last day';
COMMENT ON COLUMN delegation.task IS '仅此一件（填报编号）|This one form only (id of the filing)';
COMMENT ON COLUMN delegation.reason IS '理由|Reason';
COMMENT ON COLUMN delegation.ended IS '已终止|Ended before its last day';
