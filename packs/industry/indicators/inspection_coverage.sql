-- id: industry.inspection_coverage
-- title: 节能监察覆盖率|Inspection coverage
-- unit: %
-- kind: ratio
-- better: up
-- scope: 名录单位中在监察计划期内有至少一次办结监察（现场或书面）的比例，一户只计一次|Listed units with at least one closed inspection (on site or written) in the plan; a unit counts once
-- clause: 节能监察办法
-- decimals: 2
-- public: yes
-- expect: none
-- period: 2024-01..2025-12
-- order: 31
-- article: 通过现场监察、书面核查相结合的方式，实现全市123户重点用能单位节能监察全覆盖
WITH first_closed AS (
  SELECT subject, MIN(id) AS record, MIN(kind) AS kind, MAX("by") AS "by" FROM rec_inspection WHERE closed IS NOT NULL GROUP BY subject
)
SELECT k.subject, CAST(EXTRACT(YEAR FROM k.listed) * 12 + EXTRACT(MONTH FROM k.listed) - 1 AS INTEGER) AS month, 'num' AS part, 100 AS num, 'filed' AS source, f.kind AS carrier, f.record, 1 AS quantity, 'unit' AS quantity_unit, 100 AS scale, f."by" = 'sample' AS sample
FROM rec_key_unit k JOIN first_closed f ON f.subject = k.subject WHERE k.delisted IS NULL
UNION ALL
SELECT subject, CAST(EXTRACT(YEAR FROM listed) * 12 + EXTRACT(MONTH FROM listed) - 1 AS INTEGER), 'den', 1, 'filed', list_version, id, 1, 'unit', 1, "by" = 'sample' AS sample FROM rec_key_unit WHERE delisted IS NULL
