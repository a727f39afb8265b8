-- id: industry.filing_set_aside
-- title: 填报因已计量而未采用|Filing set aside because the carrier is metered
-- severity: warn
-- clause: rules of this pack
-- One carrier, one month, one source: the meters count. The filing is kept, and the difference is shown.
WITH metered AS (
  SELECT split_part(p.subject, '.', 1) AS unit, p.carrier,
    CAST(EXTRACT(YEAR FROM a.day) * 12 + EXTRACT(MONTH FROM a.day) - 1 AS INTEGER) AS month,
    SUM(CASE WHEN p.flow = 'purchase' THEN a.value ELSE 0 END) AS purchase, SUM(CASE WHEN p.flow = 'export' THEN a.value ELSE 0 END) AS export,
    SUM(CASE WHEN p.flow = 'sequester' THEN a.value ELSE 0 END) AS sequester
  FROM pt p JOIN account_day a ON a.point = p.point
  WHERE p.flow IN ('purchase', 'export', 'sequester') AND COALESCE(p.level, 1) = 1 AND p.kind IN ('register', 'interval')
  GROUP BY split_part(p.subject, '.', 1), p.carrier,
    CAST(EXTRACT(YEAR FROM a.day) * 12 + EXTRACT(MONTH FROM a.day) - 1 AS INTEGER)
)
SELECT e.subject, e.month, CASE WHEN ABS(e.quantity - counted) > 0.02 * counted THEN 'warn' ELSE 'info' END AS severity,
  '填报 ' || carrier || ' ' || CAST(e.quantity AS VARCHAR) || '，计量 ' || CAST(counted AS VARCHAR) || '：以计量为准' AS text_zh,
  'Filed ' || carrier || ' ' || CAST(e.quantity AS VARCHAR) || ', metered ' || CAST(counted AS VARCHAR) || ': the meters count' AS text_en,
  e.id AS evidence
FROM (SELECT f.id, f.subject, f.month, f.carrier, f.quantity,
    CASE f.flow WHEN 'purchase' THEN m.purchase WHEN 'export' THEN m.export ELSE m.sequester END AS counted
  FROM rec_energy_monthly f JOIN metered m ON m.unit = split_part(f.subject, '.', 1) AND m.carrier = f.carrier AND m.month = f.month
  WHERE f.flow IN ('purchase', 'export', 'sequester')) e
