-- id: people.event_attendance
-- title: 宣传活动现场人次|Event attendance
-- unit: 人次
-- kind: sum
-- better: up
-- scope: 期内活动现场人次，线上另计|Attendance on the spot; online views are separate
-- clause: 全国节能宣传周与低碳日活动
-- decimals: 0
-- expect: none
SELECT subject, CAST(EXTRACT(YEAR FROM held) * 12 + EXTRACT(MONTH FROM held) - 1 AS INTEGER) AS month, attendance AS num, 'filed' AS source, theme AS carrier, id AS record, attendance AS quantity, 'visit' AS quantity_unit, "by" = 'sample' AS sample FROM rec_event
