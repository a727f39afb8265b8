-- id: industry.energy_change_structure
-- title: 规上能耗变化：结构效应|Change of energy: structure
-- unit: tce
-- kind: sum
-- better: none
-- scope: 加法 LMDI-I，按区县与同月上年比较；三项之和等于能耗变化|Additive LMDI-I by district against the same month of the year before; the three add up to the change
-- clause: Ang 2005; 规上工业节能统计
-- decimals: 0
-- expect: statistics
-- period: 2025-01..2025-11
-- order: 57
-- article: 在规上工业增加值增速达到10.3%的良好态势下，工业增加值能耗同比下降5.6%
WITH pair AS (
  SELECT n.id, n.subject, n.month, n.energy_tce AS e1, p.energy_tce AS e0, n.value_added_wan AS v1, p.value_added_wan AS v0, n."by" = 'sample' AS sample
  FROM rec_above_scale_stat n JOIN rec_above_scale_stat p ON p.subject = n.subject AND p.month = n.month - 12 AND p.months_covered = n.months_covered
), whole AS (SELECT month, SUM(v0) AS tv0, SUM(v1) AS tv1 FROM pair GROUP BY month)
SELECT subject, month, term AS num, 'filed' AS source, id AS record, term AS quantity, 'tce' AS quantity_unit, sample
FROM (SELECT pair.*, CAST(law_lmdi_structure(CAST(e0 AS DOUBLE), CAST(e1 AS DOUBLE), CAST(v0 AS DOUBLE), CAST(v1 AS DOUBLE), CAST(tv0 AS DOUBLE), CAST(tv1 AS DOUBLE)) AS DECIMAL(18,6)) AS term
  FROM pair JOIN whole ON whole.month = pair.month) t WHERE term IS NOT NULL
