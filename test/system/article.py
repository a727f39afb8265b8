"""Independent sums over packs/*/sample against the figures of a demonstration city. See article.sh."""
import csv, json, math, subprocess, sys, urllib.parse, urllib.request
from datetime import datetime, timedelta
from decimal import Decimal as D, ROUND_HALF_EVEN

sys.path.insert(0, 'tools')
import sun


def volatile(f):
    return {k: v for k, v in f.items() if k not in ('seq',)}


def by_id(items):
    return {f['id'] + '|' + f['subject']: volatile(f) for f in items}


def registers(fs):
    """figures that no meter feeds: those of records alone"""
    return {k: f for k, f in fs.items() if f.get('order') or not f['id'].startswith('industry.')}


if sys.argv[1] == '--folder':
    out = subprocess.run([sys.argv[2], 'report', '--data', sys.argv[3], '--period', '2025', '--format', 'json'], capture_output=True, text=True).stdout
    print(json.dumps(registers(by_id(json.loads(out))), sort_keys=True, ensure_ascii=False, indent=0))
    sys.exit()

URL, FOLDER, REPORT, QF = sys.argv[1:5]
good = bad = 0


def check(name, got, want):
    global good, bad
    if got == want:
        good += 1
    else:
        bad += 1
        print(f'FAILED: {name}: got {got!r}, expected {want!r}')


def get(path):
    with urllib.request.urlopen(URL + path) as r:
        return json.loads(r.read(), parse_float=D, parse_int=D)


def figure(id, period, subject=None):
    return get(f'/api/v1/figures/{id}?period={period}' + (f'&subject={subject}' if subject else ''))


def rows(area, t):
    with open(f'packs/{area}/sample/{t}.csv', encoding='utf-8') as f:
        return list(csv.DictReader(f))


def M(y, m):
    return y * 12 + m - 1


def rnd(x, digits):
    return x.quantize(D(1).scaleb(-digits), ROUND_HALF_EVEN)


def month(iso):
    return M(int(iso[:4]), int(iso[5:7]))


# ---- what the article prints: id, period, subject, independent value, printed digits as text
bm = [r for r in rows('industry', 'bulk_movement') if r['leg'] == 'gate' and M(2025, 1) <= int(r['month']) <= M(2025, 11)]
trucks = {'diesel6_truck', 'diesel5_truck', 'other_truck'}


def transport(unit, not_green):
    mine = [r for r in bm if unit in (None, r['subject'])]
    return sum(D(r['net_t']) for r in mine if r['mode'] not in not_green) * 100 / sum(D(r['net_t']) for r in mine)


units = {r['subject'] for r in rows('industry', 'key_unit')}
seen = {r['subject'] for r in rows('industry', 'inspection') if r['closed']}
RUNG = {'municipal': 1, 'provincial': 2, 'national': 3}


def ladder(kind):
    top = {}
    for r in rows('industry', 'green_award'):
        if r['kind'] == kind and not r['removed']:
            top[r['entity']] = max(top.get(r['entity'], 0), RUNG[r['level']])
    return {l: sum(1 for v in top.values() if v == n) for l, n in RUNG.items()}


stat = rows('industry', 'above_scale_stat')


def total(name, y):
    return sum(D(r[name]) for r in stat if M(y, 1) <= int(r['month']) <= M(y, 11))


gv, ge = total('value_added_wan', 2025) / total('value_added_wan', 2024), total('energy_tce', 2025) / total('energy_tce', 2024)
loans = sum(D(r['balance_wan']) for r in rows('city', 'green_loan') if int(r['month']) == M(2025, 9)) / 10000
cp = rows('buildings', 'construction_project')
civil = [r for r in cp if r['use_kind'] != 'industrial']
due = passed = D(0)
for r in civil:
    for g in ('drawing', 'site', 'accept'):
        if r[g + '_day'] and '2024' <= r[g + '_day'][:4] <= '2025':
            due += D(r['area_m2'])
            passed += D(r['area_m2']) * (r[g + '_pass'] == 'true')
done = [r for r in civil if r['accept_day'][:4] in ('2024', '2025')]
area = lambda rs: sum(D(r['area_m2']) for r in rs)
starts25 = [r for r in civil if r['permit'][:4] == '2025' and r['green_design'] == 'true']
q3 = [r for r in cp if '2025-01-01' <= r['permit'] <= '2025-09-30']
pre = [r for r in q3 if r['prefab_rate'] and D(r['prefab_rate']) >= 50]
hn = [r for r in rows('buildings', 'heat_network_segment') if r['plan_year'] == '2025']
km, plan = sum(D(r['done_km']) for r in hn), sum(D(r['plan_km']) for r in hn)
TEU = {'20': D(1), '40': D(2), '45': D('2.25')}


def teu(y):
    return sum(int(r['boxes']) * TEU[r['size_ft']] for r in rows('transport', 'rail_sea_container') if M(y, 1) <= int(r['month']) <= M(y, 11))


ap = rows('people', 'appliance_sale')


def retail(y):
    key = lambda r, m: (r['merchant'], r['category'], r['grade'], m)
    have = {key(r, int(r['month'])) for r in ap}
    other = 12 if y == 2024 else -12
    return sum(D(r['value_cny']) for r in ap if r['grade'] in ('1', '2') and M(y, 1) <= int(r['month']) <= M(y, 11) and key(r, int(r['month']) + other) in have)


lf, lp = ladder('factory'), ladder('park')
C = '210800'
Y, Y11, END = '2025', '2025-01..2025-11', '2025-12'
table = [
    ('industry.green_transport_share', Y11, 'u001', rnd(transport('u001', trucks), 2), '87.25'),
    ('industry.green_transport_share', Y11, 'u047', rnd(transport('u047', trucks), 2), '83.30'),
    ('industry.clean_transport_share', Y11, 'u001', rnd(transport('u001', trucks | {'nev_truck'}), 2), None),
    ('industry.inspection_coverage', '2024-01..2025-12', C, rnd(D(len(units & seen)) * 100 / len(units), 2), '100.00'),
    ('industry.key_units', END, C, D(len(units)), '123'),
    ('industry.green_factories.national', END, C, D(lf['national']), '16'),
    ('industry.green_factories.provincial', END, C, D(lf['provincial']), '49'),
    ('industry.green_factories.municipal', END, C, D(lf['municipal']), '20'),
    ('industry.green_parks.provincial', END, C, D(lp['provincial']), '3'),
    ('industry.green_parks.municipal', END, C, D(lp['municipal']), '2'),
    ('industry.va_growth', Y11, C, rnd((gv - 1) * 100, 1), '10.3'),
    ('industry.energy_intensity_change', Y11, C, rnd((ge / gv - 1) * 100, 1), '-5.6'),
    ('industry.energy_growth', Y11, C, rnd((ge - 1) * 100, 2), '4.12'),
    ('city.green_loan_balance', '2025-09', C, loans, '154.28'),
    ('buildings.standard_compliance', '2024-01..2025-12', C, rnd(passed * 100 / due, 2), '100.00'),
    ('buildings.green_acceptance_share', '2024-01..2025-12', C, rnd(area([r for r in done if r['green_accepted'] == 'true']) * 100 / area(done), 2), '100.00'),
    ('buildings.green_starts_area', Y, C, area(starts25), '413200'),
    ('buildings.star_share', Y, C, rnd(area([r for r in starts25 if int(r['stars']) >= 1]) * 100 / area(starts25), 2), None),
    ('buildings.prefab_starts_area', '2025-01..2025-09', C, area(pre), '299500'),
    ('buildings.prefab_share', '2025-01..2025-09', C, rnd(area(pre) * 100 / area(q3), 1), '38.7'),
    ('buildings.heat_network_renewed', Y, C, km, '63.56'),
    ('buildings.heat_network_plan_completion', Y, C, rnd(km * 100 / plan, 2), '167.26'),
    ('transport.rail_sea_teu', Y11, C, D(teu(2025)), '840000'),
    ('people.efficient_appliance_sales_change', Y11, C, rnd((retail(2025) / retail(2024) - 1) * 100, 1), '91.9'),
    ('innovation.projects', END, C, D(len(rows('innovation', 'rd_project'))), '4'),
    ('innovation.catalogue_awards', END, C, D(sum(r['catalogue'] == 'four_new' for r in rows('innovation', 'catalogue_award'))), '2'),
    ('innovation.lab_members', END, C, D(len({r['member'] for r in rows('innovation', 'lab_member')})), None),
]
for id, period, subject, value, printed in table:
    f = figure(id, period, subject)
    check(f'{id} {subject} = independent sum', f['value'], value)
    if printed is not None:
        check(f'{id} {subject} = as printed', f['value'], D(printed))
    check(f'{id}: sample', 'sample_data' in f['flags'], True)

# ---- what the article tells without a number: each activity has its own figure, computed from its records
def near(name, got, want, tolerance):
    check(f'{name}: {got} is {want} within {tolerance}', got is not None and abs(float(got) - float(want)) <= tolerance, True)


def in_year(iso, y='2025'):
    return iso[:4] == y


def gas(f, on):  # factor in force, from the pack's table
    with open('packs/city/data/factors.csv', encoding='utf-8') as t:
        rs = [r for r in csv.DictReader(t) if r['factor'] == f and r['valid_from'] <= on]
    return D(max(rs, key=lambda r: r['valid_from'])['value'])


eq = rows('industry', 'equipment')
saved = D(0)
for r in eq:
    if r['low_efficiency'] == 'true' and in_year(r['replaced']):
        if r['kind'] == 'motor':
            saved += D(r['rated_kw']) * D(r['mean_load']) * D(r['hours']) * (100 / D(r['efficiency']) - 100 / D(r['new_efficiency']))
        else:
            loss = lambda a, b: 8760 * (D(r[a]) + D(r['mean_load']) ** 2 * D(r[b]))
            saved += loss('no_load_kw', 'load_loss_kw') - loss('new_no_load_kw', 'new_load_loss_kw')
near('industry.low_efficiency_saving', figure('industry.low_efficiency_saving', Y)['value'], saved, 0.6)
check('industry.low_efficiency_in_service', figure('industry.low_efficiency_in_service', END)['value'],
      D(sum(r['low_efficiency'] == 'true' for r in eq) - sum(r['low_efficiency'] == 'true' and r['replaced'] != '' for r in eq)))

L = lambda a, b: b if a == b else (a - b) / math.log(a / b)  # additive LMDI-I, months of 2025 against 2024, by district
effect = {'activity': 0.0, 'structure': 0.0, 'intensity': 0.0}
for m in range(M(2025, 1), M(2025, 11) + 1):
    now = {r['subject']: r for r in stat if int(r['month']) == m}
    was = {r['subject']: r for r in stat if int(r['month']) == m - 12}
    v = lambda t: sum(float(r['value_added_wan']) for r in t.values())
    for k in now:
        e1, e0, v1, v0 = (float(t[k][c]) for c in ('energy_tce', 'value_added_wan') for t in (now, was))
        w, V1, V0 = L(e1, e0), v(now), v(was)
        effect['activity'] += w * math.log(V1 / V0)
        effect['structure'] += w * math.log((v1 / V1) / (v0 / V0))
        effect['intensity'] += w * math.log((e1 / v1) / (e0 / v0))
for k, want in effect.items():
    near(f'industry.energy_change_{k}', figure(f'industry.energy_change_{k}', Y11)['value'], want, 0.6)
near('the three effects are the change', sum(effect.values()), total('energy_tce', 2025) - total('energy_tce', 2024), 0.01)

en = [r for r in rows('buildings', 'envelope_design') if in_year(r['designed'])]
q = lambda r: (20.55 * (float(r['ekf_w_k']) + 0.28 * 353 / 270.45 * 0.5 * float(r['volume_m3'])) / float(r['floor_m2']) - 3.8)
near('buildings.heat_index', figure('buildings.heat_index', Y)['value'], sum(q(r) * float(r['floor_m2']) for r in en) / sum(float(r['floor_m2']) for r in en), 0.006)
gr = [r for r in rows('buildings', 'green_rating') if in_year(r['rated'])]
near('buildings.green_points', figure('buildings.green_points', Y)['value'], sum(400 + sum(D(r[c]) for c in ('q1', 'q2', 'q3', 'q4', 'q5', 'qa')) for r in gr) / 10 / len(gr), 0.06)
rt = [r for r in rows('buildings', 'room_temperature') if in_year(r['measured'])]
check('buildings.rooms_warm_share', figure('buildings.rooms_warm_share', Y)['value'], rnd(D(100) * sum(D(r['room_c']) >= 18 for r in rt) / len(rt), 1))
hc = [r for r in rows('buildings', 'heat_complaint') if M(2025, 1) <= int(r['month']) <= M(2025, 12)]
check('buildings.heat_complaints', figure('buildings.heat_complaints', Y)['value'], rnd(D(10000) * sum(int(r['complaints']) for r in hc) / sum(int(r['households']) for r in hc), 1))


irr, pv = rows('buildings', 'irradiance_hour'), rows('buildings', 'pv_plant')
near('buildings.pv_yield_ratio', figure('buildings.pv_yield_ratio', Y)['value'], 100 * sum(float(r['kwh']) for r in rows('buildings', 'pv_day')) / sum(sun.expected_kwh(p, r) for p in pv for r in irr), 0.3)

vc = [r for r in rows('transport', 'vessel_call') if in_year(r['arrived'])]
near('transport.shore_power_saved', figure('transport.shore_power_saved', Y)['value'], sum(D(r['kwh_shore']) * (D('0.000217') * gas('ef.mgo', r['arrived']) - gas('ef.grid.CN-LN', r['arrived'])) for r in vc), 0.6)
ms = [r for r in rows('transport', 'modal_shift') if M(2025, 1) <= int(r['month']) <= M(2025, 12)]
near('transport.modal_shift_saved', figure('transport.modal_shift_saved', Y)['value'], sum(D(r['goods_t']) * ((D(r['road_km']) - D(r['first_last_km'])) * D('0.000075') - D(r['rail_km']) * D('0.000012')) for r in ms), 0.6)
line = {r['id']: r for r in rows('transport', 'custom_line')}
near('transport.custom_line_avoided_car_km', figure('transport.custom_line_avoided_car_km', Y)['value'],
     sum(D(r['riders']) * D('0.3') * D(line[r['line']]['trip_km']) for r in rows('transport', 'custom_line_month') if M(2025, 1) <= int(r['month']) <= M(2025, 12)), 0.6)
for k in ('walk', 'cycle'):
    n = [int(r['people']) for r in rows('transport', 'street_count') if r['kind'] == k and in_year(r['day'])]
    check(f'transport.street_count.{k}', figure(f'transport.street_count.{k}', Y)['value'], rnd(D(sum(n)) / len(n), 0))
fe = [r for r in rows('people', 'farm_fertiliser') if M(2025, 1) <= int(r['month']) <= M(2025, 12)]
near('people.fertiliser_n2o', figure('people.fertiliser_n2o', Y)['value'], sum(float(r['n_t']) * 1000 * (0.0114 + 0.11 * 0.010) * 44 / 28 for r in fe), 0.6)
pp = [r for r in rows('people', 'plant_protection') if M(2025, 1) <= int(r['month']) <= M(2025, 12)]
check('people.green_plant_protection_share', figure('people.green_plant_protection_share', Y)['value'], rnd(D(100) * sum(D(r['green_ha']) for r in pp) / sum(D(r['treated_ha']) for r in pp), 1))
mb = [r for r in rows('people', 'machinery_subsidy') if in_year(r['granted'])]
check('people.machinery_subsidised', figure('people.machinery_subsidised', Y)['value'], D(len(mb)))
check('people.machinery_subsidy', figure('people.machinery_subsidy', Y)['value'], sum(D(r['subsidy_cny']) for r in mb))
# grams, then points: act by act, in the order of time, as the methodology says
meth, consent = rows('people', 'methodology'), {(r['person'], r['scene']): r for r in rows('people', 'carbon_consent')}
erased = {r['person']: r['requested'] for r in rows('people', 'carbon_erasure')}
today, grams25, sums, points25 = {}, D(0), {}, 0
for r in sorted(rows('people', 'low_carbon_act'), key=lambda r: (r['started'], r['id'])):
    d = (datetime.strptime(r['started'], '%Y-%m-%dT%H:%M:%SZ') + timedelta(hours=8)).date().isoformat()
    c = consent.get((r['person'], r['act']))
    if r['consent'] != 'true' or r['clawed_back'] == 'true' or not c or d < c['given'] or (c['withdrawn'] and d >= c['withdrawn']):
        continue
    m = [x for x in meth if x['act'] == r['act'] and x['valid_from'] <= d and (not x['valid_to'] or d < x['valid_to'])]
    if not m or d >= erased.get(r['person'], '9'):
        continue
    k = (r['person'], r['act'], d)
    units = max(D(0), min(D(r['amount']), D(m[0]['daily_cap']) - today.get(k, D(0))))
    today[k] = today.get(k, D(0)) + D(r['amount'])
    grams25 += units * D(m[0]['grams_per_unit']) if d[:4] == '2025' else 0
    if r['person'] not in erased:
        before = sums.get(r['person'], 0)
        sums[r['person']] = before + int(units * D(m[0]['grams_per_unit']))
        points25 += sums[r['person']] // 100 - before // 100 if d[:4] == '2025' else 0
check('people.carbon_account', figure('people.carbon_account', Y)['value'], rnd(grams25, 0))
check('people.carbon_points', figure('people.carbon_points', Y)['value'], D(points25))
with open('packs/city/data/gpc_refs.csv', encoding='utf-8') as t:
    gpc = {r['ref']: r for r in csv.DictReader(t)}
iv = [r for r in rows('city', 'inventory_row') if int(r['month']) == M(2025, 12) and r['notation'] == 'value']
for name, ok in (('basic', lambda g: g['level'] == 'basic'), ('territorial', lambda g: g['scope'] == '1')):
    check(f'city.inventory_{name}', figure(f'city.inventory_{name}', Y)['value'], sum(D(r['co2_t']) + 28 * D(r['ch4_t']) + 265 * D(r['n2o_t']) for r in iv if ok(gpc[r['ref']])))
gp = rows('city', 'green_project')
near('city.green_loan_effect_co2', figure('city.green_loan_effect_co2', '2025-09')['value'], sum(D(r['saved_co2_t']) * D(r['outstanding_wan']) / D(r['total_wan']) for r in gp if r['saved_co2_t']), 0.6)
# planted faults are found: two motors, a wall, a plant in July and August, an inventory with rows not estimated
for id, words in (('industry.low_efficiency_in_service', 's-eq-061'), ('buildings.heat_index', '0.52'), ('buildings.pv_yield_ratio', 's-pv-4 2025-07-21'), ('city.inventory_basic', 'NE')):
    check(f'{id} carries a note on {words}', words in json.dumps(figure(id, Y), default=str), True)

# ---- golden checks (independent arithmetic on the printed digits)
check('energy growth implied', figure('industry.energy_growth', Y11)['value'], rnd((D('1.103') * D('0.944') - 1) * 100, 2))
check('rail-sea year on year', figure('transport.rail_sea_teu', Y11)['yoy']['value'], D('6.58'))
# 84 wan and 6.58 % are printed, so rounded: the year before lies between 83.5 / 1.06585 and 84.5 / 1.06575
before = figure('transport.rail_sea_teu', '2024-01..2024-11')['value']
check(f'rail-sea of the year before, {before}', D(835000) / D('1.06585') <= before <= D(845000) / D('1.06575'), True)
check('total starts', rnd(area(q3) / 10000, 2), rnd(D('29.95') / D('0.387'), 2))
check('star area at least 23.14', area([r for r in starts25 if int(r['stars']) >= 1]) >= D(413200) * 56 / 100, True)
check('>= 20 laboratory members', figure('innovation.lab_members', END)['value'] >= 20, True)
check('star share > 56', figure('buildings.star_share', Y)['value'] > 56, True)

# ---- the report: order, sentence, traps
report = open(REPORT, encoding='utf-8').read()
at = -1
for id, *_ in table:
    if id != 'industry.energy_growth' and f'\n{id} ' in '\n' + report:
        check(f'{id} is in the report', True, True)
for first, then in (('industry.green_transport_share', 'industry.inspection_coverage'), ('industry.inspection_coverage', 'industry.green_factories.national'),
                    ('industry.green_parks.municipal', 'industry.va_growth'), ('industry.va_growth', 'city.green_loan_balance'),
                    ('city.green_loan_balance', 'buildings.standard_compliance'), ('buildings.prefab_share', 'buildings.heat_network_renewed'),
                    ('buildings.heat_network_renewed', 'transport.rail_sea_teu'), ('transport.rail_sea_teu', 'people.efficient_appliance_sales_change'),
                    ('people.efficient_appliance_sales_change', 'innovation.lab_members')):
    check(f'{first} before {then}', -1 < report.find('\n' + first + ' ') < report.find('\n' + then + ' ') or report.startswith(first), True)
for text in ('87.25 %   2025-01..2025-11  u001', '83.30 %   2025-01..2025-11  u047', '154.28 亿元   2025-09..2025-09', '(= 41.32 万㎡)', '(= 29.95 万㎡)',
             '167.26 %', '(= 84 万 TEU)', '91.9 %', '10.3 %', '-5.6 %', '[starts_scopes]', '[ladder_overlap]', '[green_loan_series]', '[two_transport_shares]',
             '[heat_network_wording]', '101.56 km', '鞍钢股份鲅鱼圈钢铁分公司', '[intensity_scope]', 'target 目标 38'):
    check(f'report says {text}', text in report, True)
for name in ('鞍钢', '敬业', '荣兴达', '金辰', '营口港'):
    for line in report.splitlines():
        if name in line:
            check(f'a real name only where a sample stands for it: {line[:60]}', '代表' in line or '「' in line, True)
check('yoy across the directories is refused', 'series_break' in figure('city.green_loan_balance', '2025-12')['flags'], True)

# ---- the barometer: what is due and the level of every target, worked out from the sample records
BAND = {(t['indicator'], t['subject']): t for t in rows('city', 'target')}
lines = get('/api/v1/barometer?period=2025-12')
check('barometer: every target', sorted((f['id'], f['subject']) for f in lines), sorted(BAND))
check('barometer: without a period, the last months that have targets', [f['id'] + f['subject'] for f in get('/api/v1/barometer')], [f['id'] + f['subject'] for f in lines])
for f in lines:
    t = BAND[f['id'], f['subject']]
    target, band, value = D(t['value']), D(t['band']), D(str(f['value']))
    gone = int(f['period']['to'][5:])
    sums = f['id'] in ('buildings.heat_network_renewed', 'industry.above_scale_energy')
    due = target * gone / 12 if sums else target
    behind = ((value - due) if f['id'] == 'industry.above_scale_energy' else (due - value)) * 100 / due
    what = f"barometer {f['id']} {f['subject']}"
    near(what + ' due', f['due'], float(due), 1e-6)
    near(what + ' behind', f['shortfall'], float(behind), 0.0051)
    check(what + ' level', f['level'], 3 if behind <= 0 else 2 if behind <= band else 1)
    if f['id'] == 'industry.above_scale_energy':
        used = sum(int(r['energy_tce']) for r in rows('industry', 'above_scale_stat') if int(r['month']) >= M(2025, 1) and f['subject'] in ('210800', r['subject']))
        check(what + ' used', value, used)
check('barometer: the worst first', [f['level'] for f in lines], sorted(f['level'] for f in lines))
check('barometer: all three levels are shown by the sample', {f['level'] for f in lines}, {1, 2, 3})

# ---- what everybody may see: nothing that tells of fewer than five, by itself or by subtraction
opened = get('/api/v1/open')
pub = {f['id']: f for f in opened['figures']}
check('public figures', len(pub) >= 20 and 'people.carbon_account' in pub and not pub['people.carbon_account']['districts'], True)
check('open readings are of the live points', [r['value'] is not None for r in opened['readings']], [True, True])
by_district = {'buildings.green_starts_area': [(r['subject'], D(r['area_m2'])) for r in starts25], 'buildings.prefab_starts_area': [(r['subject'], D(r['area_m2'])) for r in pre],
               'buildings.heat_network_renewed': [(r['subject'], D(r['done_km'])) for r in hn if r['done_km']]}
for id, parts in by_district.items():
    f = pub[id]
    cell = lambda ds: sorted(v for d, v in parts if d in ds)
    hidden = {d['id'] for d in f['districts'] if d['hidden']}
    for d in f['districts']:
        mine = cell({d['id']})
        if not d['hidden'] and mine:
            check(f"{id} {d['id']}: five or more, none dominant", len(mine) >= 5 and mine[-1] < sum(mine) * D('0.85'), True)
            check(f"{id} {d['id']}: the figure", d['value'], sum(mine))
    left = cell(hidden)
    check(f'{id}: total less what is shown tells nothing', not left or (len(left) >= 5 and left[-1] < sum(left) * D('0.85')), True)
    check(f'{id}: some are hidden, the total is shown', (len(hidden) > 1, f['value']), (True, sum(v for _, v in parts)))

# ---- why sums; districts sum to the city
districts = ['210802', '210803', '210804', '210811', '210881', '210882']


def ops(n):
    kids = n.get('children') or []
    v = [k['value'] for k in kids]
    if kids and not n.get('more'):
        if n.get('op') == 'sum':
            check(f'why sum {n["label"]["en"]}', sum(v), n['value'])
        elif n.get('op') == 'product':
            p = D(1)
            for x in v:
                p *= x
            check('why product', p, n['value'])
        elif n.get('op') == 'change':
            r = v[0] / v[1] if len(v) == 2 else (v[0] / v[2]) / (v[1] / v[3])
            check('why change', rnd((r - 1) * 100, int(n['rounded'])), n['value'])
        elif n.get('op') == 'ratio':
            check('why ratio', rnd(v[0] / v[1], int(n['rounded'])), n['value'])
    for k in kids:
        ops(k)


def leaves(n):
    kids = n.get('children') or []
    return sum(map(leaves, kids)) if kids else 1 if (n.get('ref') or {}).get('record') else 0


more = [(i, Y, C) for i in ('industry.low_efficiency_saving', 'industry.energy_change_intensity', 'buildings.heat_index', 'buildings.green_points', 'buildings.rooms_warm_share',
                            'buildings.pv_yield_ratio', 'transport.shore_power_saved', 'transport.modal_shift_saved', 'transport.custom_line_avoided_car_km', 'people.fertiliser_n2o', 'people.carbon_account', 'people.carbon_points',
                            'city.inventory_basic', 'city.green_loan_effect_co2')]
for id, period, subject, *_ in table + more:
    w = get(f'/api/v1/why/{id}?period={period}&subject={subject}&depth=9')
    ops(w)
    check(f'why {id} reaches records', leaves(w) > 0, True)
    if subject == C and not id.startswith('city.inventory') and figure(id, period)['kind'] in ('sum', 'stock', 'last'):  # an inventory is of the city as a whole
        parts = [figure(id, period, d) for d in districts]
        check(f'{id}: districts = city', sum(p['value'] or 0 for p in parts), figure(id, period)['value'])

# two-high projects that go on: reviewed by all who were asked, and verified retired tonnes over new x ratio
going = [p for p in rows('industry', 'two_high_project') if p['decision'] == 'go_on']
said = {}
for o in rows('industry', 'joint_opinion'):
    said.setdefault(o['project'], []).append(o['opinion'])
new = [p for p in going if p['state'] in ('proposed', 'building')]
check('reviewed share', rnd(D(100 * sum(set(said.get(p['id'], [''])) == {'agree'} for p in new)) / len(new), 0), rnd(figure('industry.two_high.reviewed_share', '2024-01..2025-12')['value'], 0))
with open('packs/industry/data/swap_ratios.csv', encoding='utf-8') as f:
    ratios = list(csv.DictReader(f))
need = sum(int(p['new_capacity_t']) * D(next(r['ratio'] for r in ratios if (r['sector'], r['swap_case']) == (p['sector'], p['swap_case']) and r['valid_from'] <= p['listed'] and (not r['valid_to'] or p['listed'] < r['valid_to'])))
           for p in going if p['swap_case'])
usable = {c['id'] for c in rows('industry', 'retired_capacity') if c['verified_on'] and c['standing'] in ('listed', 'legal')}
used = sum(int(u['t']) for u in rows('industry', 'capacity_use') if u['retired'] in usable and u['project'] in {p['id'] for p in going})
check('capacity replacement', rnd(used / need, 2), rnd(figure('industry.capacity_replacement', '2024-01..2025-12')['value'], 2))

# a trend as a table: a row for each month of each part, the values those of the answer
view = '/api/v1/figures/industry.above_scale_energy/trend?by=child&period=2025-03..2025-05'
with urllib.request.urlopen(URL + '/api/v1/export?format=csv&view=' + urllib.parse.quote(view, safe='')) as r:
    sheet = list(csv.DictReader(r.read().decode('utf-8-sig').splitlines()))
flat = [(one['key'], m['month'], m['value']) for one in get(view) for m in one['months']]
check('the trend has parts', len(flat) >= 18, True)
check('the trend as a table', [(x['key'], x['month'], D(x['value']) if x['value'] else None) for x in sheet], flat)

with urllib.request.urlopen(URL + '/api/v1/figures?period=2025') as r:  # for the comparison after a rebuild
    open(FOLDER + '/figures.before', 'w').write(json.dumps(registers(by_id(json.loads(r.read()))), sort_keys=True, ensure_ascii=False, indent=0) + '\n')
print('PY', good, bad)
