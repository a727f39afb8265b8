-- id: energy_p205.r00_total
-- title: 综合能源消费量|Comprehensive energy consumption
-- severity: info
-- clause: GB/T 2589-2020; NBS P205-1
-- (industrial - transformation output - recovery) x coefficient. Equivalent value: electricity, heat and steam at keq. of the month, per unit of the form.
SELECT x.row_no, 'industrial' AS field, CAST(CAST(x.tce AS DECIMAL(18,2)) AS VARCHAR) AS value, CAST(NULL AS VARCHAR) AS expected,
  '综合能源消费量：当量值 ' || CAST(CAST(x.tce AS DECIMAL(18,2)) AS VARCHAR) || ' 吨标准煤，等价值 ' || CAST(CAST(x.eq AS DECIMAL(18,2)) AS VARCHAR) || ' 吨标准煤' AS text_zh,
  'Comprehensive energy consumption: ' || CAST(CAST(x.tce AS DECIMAL(18,2)) AS VARCHAR) || ' tce calorific, ' || CAST(CAST(x.eq AS DECIMAL(18,2)) AS VARCHAR) || ' tce equivalent' AS text_en
FROM (SELECT MIN(s.row_no) AS row_no,
    SUM((COALESCE(CAST(s.industrial AS DECIMAL(28,6)), 0) - COALESCE(CAST(s.transform_output AS DECIMAL(28,6)), 0) - COALESCE(CAST(s.recovery AS DECIMAL(28,6)), 0)) * COALESCE(CAST(s.coefficient AS DECIMAL(28,6)), 0)) AS tce,
    SUM((COALESCE(CAST(s.industrial AS DECIMAL(28,6)), 0) - COALESCE(CAST(s.transform_output AS DECIMAL(28,6)), 0) - COALESCE(CAST(s.recovery AS DECIMAL(28,6)), 0))
      * COALESCE(CAST(CAST(k.value AS DECIMAL(28,9)) * CAST(c.per_unit AS DECIMAL(10,0)) * 0.001 AS DECIMAL(18,6)), COALESCE(CAST(s.coefficient AS DECIMAL(28,6)), 0))) AS eq
  FROM sheet s LEFT JOIN rec_nbs_code c ON c.id = s.code
  LEFT JOIN factor_month k ON k.factor = 'keq.' || c.carrier AND k.month = s.month
  WHERE s.code <> '40' GROUP BY s.subject, s.month) x
