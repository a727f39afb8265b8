-- id: industry.p205_switch
-- title: 改用缺省值使能耗降低|Default value after measured ones
-- severity: warn
-- clause: MRV integrity: missing data
-- A carrier measured for three months or more, then filed at the reference value with a lower result.
SELECT a.subject, a.month, 'warn' AS severity,
  c.name_zh || '：连续实测后改用 ' || CAST(CAST(a.coefficient AS DECIMAL(18,4)) AS VARCHAR) || '（实测平均 ' || CAST(CAST(m.mean AS DECIMAL(18,4)) AS VARCHAR) || '），折标量减少 '
    || CAST(CAST(a.industrial * (m.mean - a.coefficient) AS DECIMAL(18,1)) AS VARCHAR) || ' 吨标准煤' AS text_zh,
  c.name_en || ': after measured months filed at ' || CAST(CAST(a.coefficient AS DECIMAL(18,4)) AS VARCHAR) || ' (measured mean ' || CAST(CAST(m.mean AS DECIMAL(18,4)) AS VARCHAR)
    || '): ' || CAST(CAST(a.industrial * (m.mean - a.coefficient) AS DECIMAL(18,1)) AS VARCHAR) || ' tce less' AS text_en, a.id AS evidence
FROM rec_energy_p205 a JOIN rec_nbs_code c ON c.id = a.code
JOIN (SELECT b.subject, b.code, x.month, AVG(b.coefficient) AS mean FROM rec_energy_p205 b JOIN rec_energy_p205 x ON x.subject = b.subject AND x.code = b.code
    AND b.month BETWEEN x.month - 12 AND x.month - 1 WHERE COALESCE(b.test_report, '') <> '' AND COALESCE(x.test_report, '') = ''
  GROUP BY b.subject, b.code, x.month HAVING COUNT(*) >= 3) m ON m.subject = a.subject AND m.code = a.code AND m.month = a.month
WHERE COALESCE(a.test_report, '') = '' AND a.coefficient < 0.995 * m.mean AND a.industrial > 0
