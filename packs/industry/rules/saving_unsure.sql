-- id: industry.saving_unsure
-- title: 节能量不确定|A verified saving is unsure
-- severity: warn
-- about: industry.verified_saving
-- clause: CalTRACK 2.0 2.2, 3.4, 4.3; ASHRAE Guideline 14
WITH daily AS (
  SELECT s.id, s.subject, p.carrier, p.unit, a.day, a.day <= s.baseline_to AS base, CAST(a.value AS DOUBLE PRECISION) AS y, CAST(w.mean_c AS DOUBLE PRECISION) AS t, a.estimated, s."by" = 'sample' AS sample
  FROM rec_saving_plan s JOIN pt p ON p.id = s.point JOIN account_day a ON a.point = p.point AND (a.day BETWEEN s.baseline_from AND s.baseline_to OR a.day BETWEEN s.report_from AND s.report_to)
    JOIN rec_weather_day w ON w.subject = s.weather AND w.day = a.day
  WHERE a.quarters >= 48 AND NOT (p.carrier = 'electricity' AND a.value = 0)
), baseline AS (
  SELECT id, list(t ORDER BY day) AS t, list(y ORDER BY day) AS y, COUNT(*) AS n FROM daily WHERE base GROUP BY id
), report AS (
  SELECT id, list(t ORDER BY day) AS t, list(y ORDER BY day) AS y FROM daily WHERE NOT base GROUP BY id
), judged AS (
  SELECT s.id, s.subject, s.report_to, CAST(s.baseline_to - s.baseline_from AS INTEGER) + 1 AS span, COALESCE(b.n, 0) AS n, law_mv_cv(b.t, b.y) AS cv, law_mv_uncertainty(b.t, b.y, r.t, r.y) AS unsure
  FROM rec_saving_plan s LEFT JOIN baseline b ON b.id = s.id LEFT JOIN report r ON r.id = s.id
)
SELECT subject, CAST(EXTRACT(YEAR FROM report_to) * 12 + EXTRACT(MONTH FROM report_to) - 1 AS INTEGER) AS month, 'warn' AS severity,
  '基期 ' || CAST(span AS VARCHAR) || ' 天，有效 ' || CAST(n AS VARCHAR) || ' 天（须 365 天，缺失不超过 37 天）；CV(RMSE) ' || COALESCE(CAST(CAST(cv * 100 AS DECIMAL(9,1)) AS VARCHAR) || ' %', '无') || '（不超过 25 %）；节能量不确定度 ' || COALESCE(CAST(CAST(unsure * 100 AS DECIMAL(9,1)) AS VARCHAR) || ' %', '无') || '（不超过 50 %）' AS text_zh,
  'Baseline of ' || CAST(span AS VARCHAR) || ' days, ' || CAST(n AS VARCHAR) || ' usable (365 wanted, 37 may be missing); CV(RMSE) ' || COALESCE(CAST(CAST(cv * 100 AS DECIMAL(9,1)) AS VARCHAR) || ' %', 'none') || ' (at most 25 %); uncertainty of the saving ' || COALESCE(CAST(CAST(unsure * 100 AS DECIMAL(9,1)) AS VARCHAR) || ' %', 'none') || ' (at most 50 %)' AS text_en,
  id AS evidence
FROM judged WHERE span < 365 OR n < span - 37 OR cv IS NULL OR cv > 0.25 OR unsure IS NULL OR unsure > 0.5
