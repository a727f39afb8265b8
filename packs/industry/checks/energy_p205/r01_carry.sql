-- id: energy_p205.r01_carry
-- title: 期初与上月期末|Opening against last closing
-- severity: explain
-- clause: NBS P205-1; rule R1
-- What lay in stock when last month ended lies there when this month begins.
SELECT s.row_no, 'opening_stock' AS field, CAST(CAST(COALESCE(CAST(s.opening_stock AS DECIMAL(28,6)), 0) AS DECIMAL(18,2)) AS VARCHAR) AS value, CAST(CAST(COALESCE(CAST(h.closing_stock AS DECIMAL(28,6)), 0) AS DECIMAL(18,2)) AS VARCHAR) AS expected,
  COALESCE(c.name_zh, s.code) || '：期初库存 ' || CAST(CAST(COALESCE(CAST(s.opening_stock AS DECIMAL(28,6)), 0) AS DECIMAL(18,2)) AS VARCHAR) || '，上月期末库存 ' || CAST(CAST(COALESCE(CAST(h.closing_stock AS DECIMAL(28,6)), 0) AS DECIMAL(18,2)) AS VARCHAR) || '，相差 '
    || CAST(CAST(COALESCE(CAST(s.opening_stock AS DECIMAL(28,6)), 0) - COALESCE(CAST(h.closing_stock AS DECIMAL(28,6)), 0) AS DECIMAL(18,2)) AS VARCHAR) AS text_zh,
  COALESCE(c.name_en, s.code) || ': opening stock ' || CAST(CAST(COALESCE(CAST(s.opening_stock AS DECIMAL(28,6)), 0) AS DECIMAL(18,2)) AS VARCHAR) || ', last month closed with ' || CAST(CAST(COALESCE(CAST(h.closing_stock AS DECIMAL(28,6)), 0) AS DECIMAL(18,2)) AS VARCHAR) || ': '
    || CAST(CAST(COALESCE(CAST(s.opening_stock AS DECIMAL(28,6)), 0) - COALESCE(CAST(h.closing_stock AS DECIMAL(28,6)), 0) AS DECIMAL(18,2)) AS VARCHAR) || ' apart' AS text_en
FROM sheet s JOIN rec_energy_p205 h ON h.subject = s.subject AND h.month = s.month - 1 AND h.code = s.code
LEFT JOIN rec_nbs_code c ON c.id = s.code
WHERE s.code <> '40' AND ABS(COALESCE(CAST(s.opening_stock AS DECIMAL(28,6)), 0) - COALESCE(CAST(h.closing_stock AS DECIMAL(28,6)), 0)) > 0.02
