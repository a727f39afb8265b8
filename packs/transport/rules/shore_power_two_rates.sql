-- id: transport.shore_power_two_rates
-- title: 岸电“全覆盖”没有分母|Shore power: full coverage has no denominator
-- severity: info
-- about: transport.shore_power_call_rate transport.shore_power_energy_rate
SELECT '210800' AS subject, CAST(NULL AS INTEGER) AS month, 'info' AS severity, '“全覆盖”未给出分母：按艘次（具备条件的船与泊位）与按电量（全部在泊需求）两率并列' AS text_zh,
  'Full coverage names no denominator: two rates are shown, by calls (ship and berth fitted) and by energy (all that was needed)' AS text_en, '' AS evidence FROM rec_vessel_call HAVING COUNT(*) > 0
