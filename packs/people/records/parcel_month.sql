-- title: 快递绿色包装|Parcel packaging
-- file: energy_manager department
-- review: department
-- key: subject month company
-- due: day 10 of the next month
-- Parcels of one company in one month.
CREATE TABLE parcel_month (
  subject VARCHAR NOT NULL CHECK (subject <> ''),
  month INTEGER NOT NULL CHECK (month BETWEEN 24000 AND 26400),
  company VARCHAR NOT NULL CHECK (company <> ''),
  parcels INTEGER NOT NULL CHECK (parcels > 0),
  green_parcels INTEGER NOT NULL CHECK (green_parcels >= 0)
);
COMMENT ON COLUMN parcel_month.subject IS '主体编号|Subject id';
COMMENT ON COLUMN parcel_month.month IS '月份（年×12＋月−1）|Month (year*12 + month-1)';
COMMENT ON COLUMN parcel_month.company IS '企业|Company';
COMMENT ON COLUMN parcel_month.parcels IS '件数|Parcels';
COMMENT ON COLUMN parcel_month.green_parcels IS '绿色或精简包装 [件]|Parcels with green or reduced packaging';
