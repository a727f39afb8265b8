-- id: buildings.pv_yield_ratio
-- title: 光伏实发与应发之比|PV yield against expected
-- unit: %
-- kind: ratio
-- better: up
-- scope: 有逐时辐照之日：计量发电量÷应发电量（太阳位置、HDKR 斜面辐照、组件温度、系统效率）|Days with hourly irradiance: metered over expected energy (sun position, HDKR plane irradiance, cell temperature, system efficiency)
-- clause: IEC 61724-1
-- decimals: 1
-- expect: none
-- order: 85
-- article: 我市积极推进建筑光伏一体化建设
WITH d AS (SELECT d.id, d.subject, d.plant, d.day, d.kwh, d."by", SUM(CAST(law_pv_expected(CAST(p.kwp AS DOUBLE), CAST(p.gamma_per_k AS DOUBLE), 0, CAST(p.noct_c AS DOUBLE),
      law_plane_irradiance(CAST(epoch(h.started) + 1800 AS DOUBLE), CAST(p.latitude AS DOUBLE), CAST(p.longitude AS DOUBLE), CAST(p.tilt AS DOUBLE), CAST(p.azimuth AS DOUBLE), 0.2, CAST(h.ghi AS DOUBLE), CAST(h.dni AS DOUBLE), CAST(h.dhi AS DOUBLE)),
      CAST(h.air_c AS DOUBLE), 1, CAST(p.system_eta AS DOUBLE)) AS DECIMAL(18,6))) AS expected
  FROM rec_pv_day d JOIN rec_pv_plant p ON p.id = d.plant JOIN rec_irradiance_hour h ON CAST(h.started + INTERVAL '8 hours' AS DATE) = d.day
  GROUP BY d.id, d.subject, d.plant, d.day, d.kwh, d."by")
SELECT subject, CAST(EXTRACT(YEAR FROM day) * 12 + EXTRACT(MONTH FROM day) - 1 AS INTEGER) AS month, 'num' AS part, kwh * 100 AS num, 'filed' AS source, plant AS carrier, id AS record, kwh AS quantity, 'kWh' AS quantity_unit, 100 AS scale, "by" = 'sample' AS sample FROM d WHERE expected > 0
UNION ALL
SELECT subject, CAST(EXTRACT(YEAR FROM day) * 12 + EXTRACT(MONTH FROM day) - 1 AS INTEGER), 'den', CAST(expected AS DECIMAL(18,6)), 'filed', plant, id, CAST(expected AS DECIMAL(18,6)), 'kWh', 1, "by" = 'sample' AS sample FROM d WHERE expected > 0
