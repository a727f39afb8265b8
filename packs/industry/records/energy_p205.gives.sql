-- gives: energy_monthly
-- What an accepted P205-1 gives the accounts: supplied = purchase + drawn from stock +- gain/loss - other than industrial production (the
-- boundary of GB/T 2589 leaves that out); what was put into stock beyond purchases counts as given out. A coefficient of the unit's own goes
-- along only with a test report, and only where one code feeds the carrier.
WITH amount AS (
  SELECT s.subject, s.month, c.carrier, s.code,
    CAST((COALESCE(CAST(s.purchase AS DECIMAL(28,6)), 0) + COALESCE(CAST(s.opening_stock AS DECIMAL(28,6)), 0) + COALESCE(CAST(s.gain_loss AS DECIMAL(28,6)), 0) - COALESCE(CAST(s.closing_stock AS DECIMAL(28,6)), 0) - COALESCE(CAST(s.non_industrial AS DECIMAL(28,6)), 0)) * CAST(c.per_unit AS DECIMAL(12,0)) AS DECIMAL(18,6)) AS net,
    CAST(COALESCE(CAST(s.dispatched AS DECIMAL(28,6)), 0) * CAST(c.per_unit AS DECIMAL(12,0)) AS DECIMAL(18,6)) AS given,
    CASE WHEN COALESCE(s.test_report, '') <> '' AND s.coefficient > 0 THEN CAST(CAST(s.coefficient AS DECIMAL(28,6)) * 1000 / c.per_unit AS DECIMAL(18,9)) END AS own_factor
  FROM sheet s JOIN rec_nbs_code c ON c.id = s.code WHERE COALESCE(c.carrier, '') <> ''
), carried AS (
  SELECT subject, month, carrier, SUM(net) AS net, SUM(given) AS given, CASE WHEN COUNT(*) = 1 THEN MAX(own_factor) END AS own_factor,
    MIN(code) AS code FROM amount GROUP BY subject, month, carrier
)
SELECT subject, month, carrier, 'purchase' AS flow, CAST(net AS DECIMAL(18,6)) AS quantity, own_factor, 'P205-1 ' || code AS source
FROM carried WHERE net > 0
UNION ALL
SELECT subject, month, carrier, 'export', CAST(given + CASE WHEN net < 0 THEN -net ELSE 0 END AS DECIMAL(18,6)), own_factor, 'P205-1 ' || code
FROM carried WHERE given > 0 OR net < 0
