-- id: industry.green_factories.national
-- title: 国家级绿色工厂|Green factories, national
-- unit: 家
-- kind: stock
-- better: up
-- scope: 按最高级别统计：升级、移出即减一|By highest level: a promotion or removal takes one off
-- clause: GB/T 36132
-- decimals: 0
-- public: yes
-- expect: none
-- period: 2025-12
-- order: 40
-- article: 国家级绿色工厂16家
WITH a AS (
  SELECT g.*, CASE level WHEN 'municipal' THEN 1 WHEN 'provincial' THEN 2 ELSE 3 END AS rung FROM rec_green_award g WHERE kind = 'factory'
), stay AS (
  SELECT a.id, a.subject, a.awarded, a.removed, a."by", (SELECT MIN(h.awarded) FROM a h WHERE h.entity = a.entity AND h.rung > a.rung) AS promoted FROM a WHERE level = 'national'
), moves AS (
  SELECT id, subject, awarded AS day, 1 AS step, "by" FROM stay WHERE promoted IS NULL OR promoted > awarded
  UNION ALL
  SELECT id, subject, LEAST(COALESCE(promoted, removed), COALESCE(removed, promoted)), -1, "by" FROM stay
  WHERE COALESCE(promoted, removed) IS NOT NULL AND (promoted IS NULL OR promoted > awarded)
)
SELECT subject, CAST(EXTRACT(YEAR FROM day) * 12 + EXTRACT(MONTH FROM day) - 1 AS INTEGER) AS month, step AS num, 'filed' AS source, id AS record, 1 AS quantity, 'entity' AS quantity_unit, step AS sign, "by" = 'sample' AS sample FROM moves
