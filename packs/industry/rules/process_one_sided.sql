-- id: industry.process_one_sided
-- title: 工序只有能耗或只有产量|Process with energy but no output, or the reverse
-- severity: warn
-- clause: GB 21256-2025
-- Such a month is left out of the unit energy of the process. Only processes that name a product are asked.
WITH seen AS (
  SELECT split_part(p.subject, '.', 1) || '.' || split_part(p.subject, '.', 2) AS subject,
    CAST(EXTRACT(YEAR FROM a.day) * 12 + EXTRACT(MONTH FROM a.day) - 1 AS INTEGER) AS month,
    CASE WHEN p.flow = 'output' THEN 'output' ELSE 'energy' END AS side
  FROM pt p JOIN account_day a ON a.point = p.point
  WHERE p.flow IN ('consume', 'recover', 'output') AND p.kind IN ('register', 'interval') AND split_part(p.subject, '.', 2) <> ''
  UNION
  SELECT subject, month, 'energy' FROM rec_energy_monthly WHERE flow IN ('consume', 'recover') AND split_part(subject, '.', 2) <> ''
  UNION
  SELECT subject, month, 'output' FROM rec_output_monthly WHERE split_part(subject, '.', 2) <> ''
), sides AS (
  SELECT subject, month, MIN(side) AS side FROM seen GROUP BY subject, month HAVING COUNT(*) = 1
)
SELECT x.subject, x.month, 'warn' AS severity,
  s.name_zh || CASE x.side WHEN 'energy' THEN '：有能耗无产量' ELSE '：有产量无能耗' END || '，该月不计单耗' AS text_zh,
  s.name_en || CASE x.side WHEN 'energy' THEN ': energy but no output' ELSE ': output but no energy' END || ', no unit energy for the month' AS text_en,
  x.subject AS evidence
FROM sides x JOIN rec_subject s ON s.id = x.subject
WHERE s.kind = 'process' AND s.product IS NOT NULL
