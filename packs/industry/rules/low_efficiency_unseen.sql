-- id: industry.low_efficiency_unseen
-- title: 铭牌效率低于 IE3 未认定低效|Plate below IE3 not found low-efficiency
-- severity: warn
-- about: industry.low_efficiency_in_service
SELECT e.subject, CAST(EXTRACT(YEAR FROM e.seen) * 12 + EXTRACT(MONTH FROM e.seen) - 1 AS INTEGER) AS month, 'warn' AS severity,
  e.id || '：铭牌效率 ' || CAST(CAST(e.efficiency AS DECIMAL(6,1)) AS VARCHAR) || ' %，低于 IE3 限值 ' || CAST(CAST(k.lim AS DECIMAL(6,1)) AS VARCHAR) || ' %，却未认定为低效' AS text_zh,
  e.id || ': plate ' || CAST(CAST(e.efficiency AS DECIMAL(6,1)) AS VARCHAR) || ' %, below the IE3 limit of ' || CAST(CAST(k.lim AS DECIMAL(6,1)) AS VARCHAR) || ' %, not found low-efficiency' AS text_en, e.id AS evidence
FROM rec_equipment e JOIN (SELECT x.id, law_motor_limit(CAST(c.a AS DOUBLE), CAST(c.b AS DOUBLE), CAST(c.c AS DOUBLE), CAST(c.d AS DOUBLE), CAST(x.rated_kw AS DOUBLE)) AS lim
    FROM rec_equipment x JOIN rec_motor_curve c ON c.poles = x.poles AND c.class = 'IE3' WHERE x.kind = 'motor') k ON k.id = e.id
WHERE NOT e.low_efficiency AND CAST(e.efficiency AS DOUBLE) < k.lim
