-- id: energy_p205.r06_supplier
-- title: 填报与供应侧|Filed against supplier
-- severity: explain
-- clause: rule R6
-- Grid, gas and heat companies report what they sold: 2 % is allowed.
SELECT s.row_no, 'purchase' AS field, CAST(CAST(COALESCE(CAST(s.purchase AS DECIMAL(28,6)), 0) AS DECIMAL(18,2)) AS VARCHAR) AS value, CAST(CAST(d.quantity / c.per_unit AS DECIMAL(18,2)) AS VARCHAR) AS expected,
  c.name_zh || '：填报购进 ' || CAST(CAST(COALESCE(CAST(s.purchase AS DECIMAL(28,6)), 0) AS DECIMAL(18,2)) AS VARCHAR) || ' ' || c.unit_zh || '，供应单位（' || d.suppliers || '）报 ' || CAST(CAST(d.quantity / c.per_unit AS DECIMAL(18,2)) AS VARCHAR) || '，相差 '
    || CAST(CAST(100 * (COALESCE(CAST(s.purchase AS DECIMAL(28,6)), 0) * c.per_unit / d.quantity - 1) AS DECIMAL(18,1)) AS VARCHAR) || ' %（允许 2 %）' AS text_zh,
  c.name_en || ': filed purchase ' || CAST(CAST(COALESCE(CAST(s.purchase AS DECIMAL(28,6)), 0) AS DECIMAL(18,2)) AS VARCHAR) || ' ' || c.unit || ', the supplier (' || d.suppliers || ') sold ' || CAST(CAST(d.quantity / c.per_unit AS DECIMAL(18,2)) AS VARCHAR) || ': '
    || CAST(CAST(100 * (COALESCE(CAST(s.purchase AS DECIMAL(28,6)), 0) * c.per_unit / d.quantity - 1) AS DECIMAL(18,1)) AS VARCHAR) || ' % apart (2 % allowed)' AS text_en
FROM sheet s JOIN rec_nbs_code c ON c.id = s.code
JOIN (SELECT subject, month, CASE carrier WHEN 'steam' THEN 'heat' ELSE carrier END AS carrier, SUM(quantity) AS quantity, MIN(supplier) AS suppliers
  FROM rec_supplier_delivery GROUP BY subject, month, CASE carrier WHEN 'steam' THEN 'heat' ELSE carrier END) d
  ON d.subject = s.subject AND d.month = s.month AND d.carrier = c.carrier
WHERE d.quantity > 0 AND ABS(COALESCE(CAST(s.purchase AS DECIMAL(28,6)), 0) * c.per_unit - d.quantity) > 0.02 * d.quantity
