-- id: people.fertiliser_n2o
-- title: 施肥氧化亚氮|N2O of fertiliser
-- unit: kg
-- kind: sum
-- better: down
-- scope: 折纯氮×(EF1＋挥发×EF4)×44/28；旱地不计淋溶|Pure nitrogen x (EF1 + Frac_GAS EF4) x 44/28; no leaching on dry land
-- clause: 省级温室气体清单编制指南; IPCC 2019
-- decimals: 0
-- expect: none
-- order: 105
-- article: 大力推进科学施肥、绿色植保工作
SELECT subject, month, n2o AS num, 'filed' AS source, crop AS carrier, id AS record, n2o AS quantity, 'kg N2O' AS quantity_unit, sample
FROM (SELECT f.subject, f.month, f.crop, f.id, f."by" = 'sample' AS sample, CAST(law_n2o(CAST(f.n_t AS DOUBLE) * 1000, CAST(a.value AS DOUBLE), CAST(g.value AS DOUBLE), CAST(d.value AS DOUBLE), 0, 0) AS DECIMAL(18,6)) AS n2o
  FROM rec_farm_fertiliser f JOIN factor_month a ON a.factor = 'n2o.ef1' AND a.month = f.month JOIN factor_month g ON g.factor = 'n2o.frac_gas' AND g.month = f.month JOIN factor_month d ON d.factor = 'n2o.ef4' AND d.month = f.month) x WHERE n2o IS NOT NULL
