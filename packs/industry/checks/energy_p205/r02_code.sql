-- id: energy_p205.r02_code
-- title: 品种代码|Energy code
-- severity: block
-- clause: NBS P205-1
SELECT s.row_no, 'code' AS field, s.code AS value, '01 .. 40' AS expected,
  '能源品种代码 ' || s.code || CASE WHEN d.n > 1 THEN ' 重复 ' || CAST(d.n AS VARCHAR) || ' 行' ELSE ' 不在代码表中' END AS text_zh,
  'Energy code ' || s.code || CASE WHEN d.n > 1 THEN ' appears in ' || CAST(d.n AS VARCHAR) || ' rows' ELSE ' is not in the list' END AS text_en
FROM sheet s JOIN (SELECT subject, month, code, COUNT(*) AS n FROM sheet GROUP BY subject, month, code) d
  ON d.subject = s.subject AND d.month = s.month AND d.code = s.code
LEFT JOIN rec_nbs_code c ON c.id = s.code
WHERE c.id IS NULL OR d.n > 1
