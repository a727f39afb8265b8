-- id: industry.own_factor_range
-- title: 实测折标系数偏离参考值|Own coefficient far from the reference
-- severity: warn
-- clause: GB/T 2589-2020 (measured heating value); NBS P205-1 reference range
-- Off by more than 30 %: ask for the laboratory report, and check the unit (kgce per tonne, not per kilogram).
SELECT e.subject, e.month, CASE WHEN e.own_factor > 10 * f.value OR e.own_factor * 10 < f.value THEN 'error' ELSE 'warn' END AS severity,
  e.carrier || ' 自报折标系数 ' || CAST(e.own_factor AS VARCHAR) || '，参考值 ' || CAST(f.value AS VARCHAR) || ' ' || f.unit AS text_zh,
  'Own coefficient of ' || e.carrier || ' ' || CAST(e.own_factor AS VARCHAR) || ', reference ' || CAST(f.value AS VARCHAR) || ' ' || f.unit AS text_en,
  e.id AS evidence
FROM rec_energy_monthly e JOIN rec_factor f ON f.factor = 'k.' || e.carrier
WHERE e.own_factor > 1.3 * f.value OR e.own_factor < 0.7 * f.value
