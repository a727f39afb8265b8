-- id: industry.lab_carbon_band
-- title: 元素碳与热值不符|Carbon against heating value
-- severity: warn
-- clause: MRV integrity: cross checks
-- Coal carries 24 to 29 tC/TJ: carbon % x 10 / (MJ/kg).
SELECT subject, month, 'warn' AS severity,
  '检验报告 ' || report_no || '：元素碳 ' || CAST(CAST(carbon AS DECIMAL(18,2)) AS VARCHAR) || ' %、低位发热量 ' || CAST(CAST(lhv AS DECIMAL(18,0)) AS VARCHAR) || ' kJ/kg，单位热值含碳量 '
    || CAST(CAST(carbon * 10000 / lhv AS DECIMAL(18,2)) AS VARCHAR) || ' tC/TJ，应在 24～29' AS text_zh,
  'Report ' || report_no || ': carbon ' || CAST(CAST(carbon AS DECIMAL(18,2)) AS VARCHAR) || ' % at ' || CAST(CAST(lhv AS DECIMAL(18,0)) AS VARCHAR) || ' kJ/kg is '
    || CAST(CAST(carbon * 10000 / lhv AS DECIMAL(18,2)) AS VARCHAR) || ' tC/TJ; coal lies at 24 to 29' AS text_en, id AS evidence
FROM rec_lab_report
WHERE carbon > 0 AND lhv > 0 AND carrier IN ('raw_coal', 'anthracite', 'bituminous_coal', 'lignite', 'washed_coal')
  AND (carbon * 10000 < 24 * lhv OR carbon * 10000 > 29 * lhv)
