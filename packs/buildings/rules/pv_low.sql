-- id: buildings.pv_low
-- title: 光伏发电明显偏低|PV yield clearly low
-- severity: warn
-- about: buildings.pv_yield_ratio
SELECT subject, CAST(EXTRACT(YEAR FROM day) * 12 + EXTRACT(MONTH FROM day) - 1 AS INTEGER) AS month, 'warn' AS severity, plant || ' ' || CAST(day AS VARCHAR) || '：实发为应发的 ' || CAST(CAST(kwh * 100 / expected AS DECIMAL(6,1)) AS VARCHAR) || ' %（低于 75 %）' AS text_zh,
  plant || ' ' || CAST(day AS VARCHAR) || ': ' || CAST(CAST(kwh * 100 / expected AS DECIMAL(6,1)) AS VARCHAR) || ' % of the expected energy (under 75 %)' AS text_en, id AS evidence
FROM (SELECT d.id, d.subject, d.plant, d.day, d.kwh, d."by", SUM(CAST(law_pv_expected(CAST(p.kwp AS DOUBLE), CAST(p.gamma_per_k AS DOUBLE), 0, CAST(p.noct_c AS DOUBLE),
      law_plane_irradiance(CAST(epoch(h.started) + 1800 AS DOUBLE), CAST(p.latitude AS DOUBLE), CAST(p.longitude AS DOUBLE), CAST(p.tilt AS DOUBLE), CAST(p.azimuth AS DOUBLE), 0.2, CAST(h.ghi AS DOUBLE), CAST(h.dni AS DOUBLE), CAST(h.dhi AS DOUBLE)),
      CAST(h.air_c AS DOUBLE), 1, CAST(p.system_eta AS DOUBLE)) AS DECIMAL(18,6))) AS expected
  FROM rec_pv_day d JOIN rec_pv_plant p ON p.id = d.plant JOIN rec_irradiance_hour h ON CAST(h.started + INTERVAL '8 hours' AS DATE) = d.day
  GROUP BY d.id, d.subject, d.plant, d.day, d.kwh, d."by") d WHERE expected > 0 AND kwh < expected * 0.75
