#!/usr/bin/env python3
"""Makes packs/<area>/sample/<type>.csv: the sample records 演示数据 of the demonstration city. Every organisation is invented
(样例...); stands_for names the organisation of the article that a record stands for. Sizes are drawn from a fixed seed; then one
row of each set takes up what is missing, so that the sum gives the article's printed figure. Same seed, same bytes.
Usage: tools/sample_records.py [packs-folder]"""
import csv, datetime, math, os, random, sys
from datetime import timedelta, timezone
from decimal import Decimal as D

import sun

PACKS = sys.argv[1] if len(sys.argv) > 1 else 'packs'
R = random.Random(20250115)
DISTRICTS = ['210802', '210803', '210804', '210811', '210881', '210882']
NUM = '一二三四五六七八九十'


def M(y, m):
    return y * 12 + m - 1


def put(area, name, rows):
    d = os.path.join(PACKS, area, 'sample')
    os.makedirs(d, exist_ok=True)
    heads = list(dict.fromkeys(k for r in rows for k in r))
    with open(os.path.join(d, name + '.csv'), 'w', newline='', encoding='utf-8') as f:
        w = csv.DictWriter(f, heads, lineterminator='\n')
        w.writeheader()
        w.writerows(rows)


def day(y, m, lo=1, hi=28):
    return datetime.date(y, m, R.randint(lo, hi)).isoformat()


def shift(iso, days):
    return (datetime.date.fromisoformat(iso) + datetime.timedelta(days)).isoformat()


def split(total, n, spread=0.5):
    """n whole numbers of about the same size whose sum is total"""
    w = [1 + spread * (R.random() - 0.5) * 2 for _ in range(n)]
    out = [int(total * x / sum(w)) for x in w]
    out[-1] += total - sum(out)
    return out


# ---- industry

GREEN = {'rail', 'water', 'pipe', 'tube_belt', 'belt_gallery', 'nev_truck'}
DOC = {'rail': 'rail_waybill', 'water': 'ship_bill', 'pipe': 'pipeline_meter', 'tube_belt': 'belt_scale', 'belt_gallery': 'belt_scale'}


def movements(unit, stands, table, shares, years):
    rows = []
    for y, last in years:
        mine = []
        for m in range(1, last + 1):
            for goods, way, mode, t in table:
                t = int(t * (0.9 + 0.2 * R.random()) * (1 if y == 2025 or mode not in ('belt_gallery', 'nev_truck') else 0.93))
                mine.append(dict(id=f's-bm-{unit}-{y}{m:02d}-{goods}-{way}-{mode}', subject=unit, month=M(y, m), goods=goods, direction=way,
                                 leg='gate', mode=mode, net_t=t, doc_type=DOC.get(mode, 'weighbridge'),
                                 doc_no=f'{unit}-{y}{m:02d}-{goods}-{way}-{mode}',
                                 stage_source='' if mode in DOC else 'registration', nev_confirmed='true' if mode == 'nev_truck' else '',
                                 stands_for=stands))
        part = [r for r in mine if r['month'] <= M(y, 11)]  # the diesel road freight closes January to November to the share
        g = sum(r['net_t'] for r in part if r['mode'] in GREEN)
        need = round(D(g) / D(shares[y]) * 100) - sum(r['net_t'] for r in part)
        road = [r for r in part if r['mode'] == 'diesel6_truck']
        for i, r in enumerate(road):
            add = need // (len(road) - i)
            r['net_t'] += add
            need -= add
        rows += mine
        for m in range(1, last + 1):
            rows.append(dict(id=f's-bm-{unit}-{y}{m:02d}-inside', subject=unit, month=M(y, m), goods='slag', direction='out', leg='internal',
                             mode='other_truck', net_t=R.randint(8000, 12000), doc_type='weighbridge', doc_no=f'{unit}-{y}{m:02d}-inside',
                             stage_source='list', stands_for=stands))
    return rows


big = [('iron_ore', 'in', 'belt_gallery', 560000), ('iron_ore', 'in', 'rail', 190000), ('coking_coal', 'in', 'rail', 210000),
       ('coking_coal', 'in', 'belt_gallery', 120000), ('limestone', 'in', 'nev_truck', 70000), ('limestone', 'in', 'diesel6_truck', 40000),
       ('scrap', 'in', 'diesel6_truck', 45000), ('natural_gas', 'in', 'pipe', 900), ('steel', 'out', 'water', 170000),
       ('steel', 'out', 'rail', 150000), ('steel', 'out', 'nev_truck', 90000), ('steel', 'out', 'diesel6_truck', 95000),
       ('slag', 'out', 'nev_truck', 48000), ('slag', 'out', 'diesel6_truck', 36000)]
small = [('slab', 'in', 'rail', 52000), ('slab', 'in', 'nev_truck', 16000), ('slab', 'in', 'diesel6_truck', 9000), ('plate', 'out', 'rail', 31000),
         ('plate', 'out', 'water', 24000), ('plate', 'out', 'nev_truck', 9000), ('plate', 'out', 'diesel6_truck', 13000)]
years = [(2024, 12), (2025, 12)]
bm = movements('u001', '鞍钢股份鲅鱼圈钢铁分公司', big, {2024: '83.60', 2025: '87.25'}, years) + movements('u047', '敬业（营口）中板有限公司', small, {2024: '80.90', 2025: '83.30'}, years)
put('industry', 'bulk_movement', bm)
acc = {}
for r in bm:
    if r['leg'] == 'gate':
        k = (r['subject'], r['month'], r['direction'])
        acc[k] = acc.get(k, 0) + r['net_t']
put('industry', 'material_account', [dict(id=f's-ma-{s}-{m}-{w}', subject=s, month=m, direction=w, quantity=int(t * (0.985 + 0.03 * R.random())),
                                          basis='生产平衡表（样例）') for (s, m, w), t in acc.items()])

put('industry', 'key_unit', [dict(id=f's-ku-{i:03d}', subject=f'u{i:03d}', list_version='2024', listed='2024-01-01') for i in range(1, 124)])
ins = []
for i in range(1, 124):
    for k in range(2 if i % 9 == 0 else 1):  # some are looked at twice and count once
        y, m = (2024, R.randint(3, 12)) if (i + k) % 2 else (2025, R.randint(1, 10))
        o = day(y, m)
        f = R.choice([0, 0, 1, 2, 3])
        c = shift(o, 25)
        ins.append(dict(id=f's-in-{i:03d}-{k + 1}', subject=f'u{i:03d}', plan='2024-2025', kind='on_site' if R.random() < 0.6 else 'written', opened=o,
                        closed=c, findings=f, rectify_due=shift(c, 60) if f else '', rectified=shift(c, R.randint(20, 58)) if f else ''))
put('industry', 'inspection', ins)

aw = []


def award(no, kind, district, steps):
    name = f'样例{"工厂" if kind == "factory" else "园区"}{no:03d}'
    for level, d, removed in steps:
        aw.append(dict(id=f's-ga-{kind}-{no:03d}-{level}', subject=district, entity=name, kind=kind, level=level, awarded=d, removed=removed,
                       batch='样例公告'))


no = 0
for i in range(16):  # national: most were provincial before, some municipal too
    no += 1
    steps = [('municipal', day(2020, 5), '')] if i < 4 else []
    steps += [('provincial', day(R.choice([2021, 2022]), 8), '')] if i < 14 else []
    steps.append(('national', day(R.choice([2022, 2023, 2024, 2025]) if i < 13 else 2025, 10), ''))
    award(no, 'factory', DISTRICTS[i % 6], steps)
for i in range(49):
    no += 1
    steps = [('municipal', day(2021, 6), '')] if i < 9 else []
    steps.append(('provincial', day(R.choice([2022, 2023, 2024]) if i < 38 else 2025, 9), ''))
    award(no, 'factory', DISTRICTS[(i * 5) % 6], steps)
for i in range(20):
    no += 1
    award(no, 'factory', DISTRICTS[(i * 7 + 1) % 6], [('municipal', day(R.choice([2023, 2024]) if i < 14 else 2025, 6), '')])
award(no + 1, 'factory', '210882', [('municipal', '2022-06-10', '2025-06-30')])  # was taken off
for i in range(3):
    award(i + 1, 'park', DISTRICTS[(2, 5, 3)[i]], [('municipal', day(2021, 6), '')] * (i == 0) + [('provincial', day(2023 + i // 2, 9), '')])
for i in range(2):
    award(i + 4, 'park', DISTRICTS[i], [('municipal', day(2024, 6), '')])
put('industry', 'green_award', aw)

stat = []
e_then, v_then = {}, {}
for di, d in enumerate(DISTRICTS):
    for y in (2024, 2025):
        for m in range(2, 13 if y == 2024 else 12):
            n = 2 if m == 2 else 1
            stat.append(dict(id=f's-st-{d}-{y}{m:02d}', subject=d, month=M(y, m), months_covered=n, energy_tce=0, value_added_wan=0,
                             price_base='2020', source='统计月报（样例）'))
size = [(30000, 20000), (45000, 30000), (560000, 150000), (70000, 42000), (38000, 25000), (210000, 95000)]
for di, d in enumerate(DISTRICTS):
    then = [r for r in stat if r['subject'] == d and r['month'] < M(2025, 1)]
    now = [r for r in stat if r['subject'] == d and r['month'] >= M(2025, 1)]
    for a in then:
        a['energy_tce'] = D(int(size[di][0] * a['months_covered'] * (0.94 + 0.12 * R.random())))
        a['value_added_wan'] = D(int(size[di][1] * a['months_covered'] * (0.94 + 0.12 * R.random())))
    for a, b in zip(then, now):
        b['value_added_wan'] = D(int(a['value_added_wan'] * D('1.103') * D(str(0.97 + 0.06 * R.random()))))
        b['energy_tce'] = D(int(a['energy_tce'] * D('1.041232') * D(str(0.985 + 0.03 * R.random()))))


def close(name, factor):
    then = sum(r[name] for r in stat if M(2024, 1) <= r['month'] <= M(2024, 11))
    now = sum(r[name] for r in stat if r['month'] >= M(2025, 1))
    need = round(then * D(factor)) - now
    rows = [r for r in stat if r['month'] >= M(2025, 1) and r['subject'] == '210804']
    for i, r in enumerate(rows):
        add = int(need / (len(rows) - i))
        r[name] += add
        need -= add


close('value_added_wan', '1.103')
close('energy_tce', '1.041232')
put('industry', 'above_scale_stat', stat)

th = []
for i in range(34):
    state = ('proposed', 'building', 'existing')[0 if i < 7 else 1 if i < 13 else 2]
    sector = ['钢铁', '水泥', '平板玻璃', '菱镁加工', '铁合金'][i % 5]
    rep = sector in ('钢铁', '水泥', '平板玻璃', '菱镁加工') and state != 'existing'
    new = R.randint(20, 90) * 10000
    decision = ('put_off' if i % 3 == 2 else 'go_on') if state != 'existing' else ('put_right' if i % 4 == 0 else 'go_on')
    th.append(dict(id=f's-th-{i + 1:02d}', subject=DISTRICTS[i % 6], name=f'样例{sector}项目{i + 1:02d}', sector=sector, state=state,
                   decision=decision,
                   listed=day(2024, R.randint(1, 6)), energy_tce=R.randint(8000, 90000), reviewed_by='', energy_opinion_on='', begun_on='',
                   new_capacity_t=new if rep else '', swap_case='other' if rep else ''))
Q = random.Random(20250116)  # a stream of its own: the draws after this stay what they were
RATIO = {'钢铁': D('1.25'), '水泥': D('1.5'), '平板玻璃': D('1'), '菱镁加工': D('1.25')}  # packs/industry/data/swap_ratios.csv, case other
DEPARTMENTS = ['reform', 'industry', 'environment', 'land', 'housing', 'emergency']
opinions, retired, uses = [], [], []
for p in th:
    good = p['decision'] != 'put_off'
    p['reviewed_by'] = 'province' if p['energy_tce'] >= 10000 else 'city'
    if p['state'] == 'existing' or good:
        p['energy_opinion_on'] = shift(p['listed'], -Q.randint(20, 90))
    if p['state'] == 'building' and good:
        p['begun_on'] = shift(p['energy_opinion_on'], Q.randint(30, 120))
    if p['state'] == 'existing':
        continue
    for k, d in enumerate(DEPARTMENTS):
        asked = shift(p['listed'], -Q.randint(100, 120))
        given = shift(asked, Q.randint(5, 40))
        opinion = 'agree' if good or k % 3 else 'change' if k else ''
        opinions.append(dict(id=f"{p['id']}:{d}", project=p['id'], department=d, asked_on=asked, opinion=opinion, given_on=given if opinion else '',
                             conditions='' if opinion in ('agree', '') else '补充替代来源说明'))
    if p['swap_case']:
        need = p['new_capacity_t'] * RATIO[p['sector']]
        n, gone = p['id'][-2:], shift(p['listed'], -Q.randint(60, 300))
        retired.append(dict(id=f's-rc-{n}', subject=p['subject'], name=f'样例退出装置{n}', sector=p['sector'], capacity_t=int(need) + 1000 * Q.randint(1, 9),
                            standing=Q.choice(['listed', 'legal']), retired_on=gone if good else '', verified_on=shift(gone, 30) if good else '',
                            verified_by='样例核验组' if good else ''))
        uses.append(dict(id=f"{p['id']}:s-rc-{n}", project=p['id'], retired=f's-rc-{n}', t=int(need) + 500))
put('industry', 'joint_opinion', opinions)
put('industry', 'retired_capacity', retired)
put('industry', 'capacity_use', uses)
put('industry', 'two_high_project', th)
dm = []
for i in range(72):
    d = day(R.choice([2024, 2025]), R.randint(1, 9))
    ok = R.random() < 0.8
    dm.append(dict(id=f's-dm-{i + 1:02d}', subject=f'u{R.randint(1, 123):03d}', report_no=f'样例诊断{i // 3 + 1:02d}',
                   measure=R.choice(['电机变频改造', '余热回收', '空压站集中控制', '窑炉保温', '照明改造', '低效变压器更换']), saving_tce=R.randint(30, 1800),
                   accepted='true' if ok else 'false', proposed_on=d, done_on=shift(d, 150) if ok and R.random() < 0.6 and d < '2025-07' else ''))
put('industry', 'diagnosis_measure', dm)

# ---- city

loans = []
ends = [(2024, 9, 1226000), (2024, 12, 1291000), (2025, 3, 1385000), (2025, 6, 1467000), (2025, 9, 1542800), (2025, 12, 1655000)]
for y, m, total in ends:
    parts = split(total, 12, 0.7)
    for b, t in enumerate(parts):
        pv, water = int(t * 0.22), int(t * 0.06)
        for product, v in (('pv', pv), ('water', water), ('green', t - pv - water)):
            loans.append(dict(id=f's-gl-{b + 1:02d}-{product}-{y}{m:02d}', subject=DISTRICTS[b % 6], month=M(y, m), bank=f'样例银行{b + 1:02d}', product=product,
                              directory_version='2019' if (y, m) < (2025, 10) else '2025', balance_wan=v, borrowers=max(1, v // 1500)))
put('city', 'green_loan', loans)


def target(ind, y, value, unit, subject='210800', kind='plan', band=10):
    return dict(id=f's-{ind}-{y}' if subject == '210800' else f's-{ind}-{subject}-{y}', indicator=ind, subject=subject, month_from=M(y, 1),
                month_to=M(y, 12), value=value, unit=unit, kind=kind, source='样例计划', band=band)


def budget(*subjects):
    """用能预算 of 2025: what was used in 2024 and 4 % more."""
    used = sum(r['energy_tce'] for r in stat if r['month'] < M(2025, 1) and r['subject'] in subjects)
    return int(used * D('1.04') / 1000) * 1000


put('city', 'target', [target('buildings.heat_network_renewed', 2025, 38, 'km'), target('buildings.heat_network_plan_completion', 2025, 100, '%'),
                       target('buildings.standard_compliance', 2025, 100, '%'), target('buildings.green_acceptance_share', 2025, 100, '%'),
                       target('industry.clean_transport_share', 2025, 80, '%'), target('industry.green_transport_share', 2025, 80, '%'),
                       target('transport.shore_power_call_rate', 2025, 100, '%'),
                       target('industry.above_scale_energy', 2025, budget(*DISTRICTS), 'tce', kind='limit', band=D('0.3'))]
    + [target('industry.above_scale_energy', 2025, budget(d), 'tce', subject=d, kind='limit', band=D('0.3')) for d in DISTRICTS])

# ---- buildings

pr = []


def project(use, area, permit, **more):
    i = len(pr) + 1
    civil = use != 'industrial'
    draw = shift(permit, -35)
    site, done = shift(permit, 200), shift(permit, 560)
    r = dict(id=f's-cp-{i:03d}', subject=DISTRICTS[R.randint(0, 5)], name=f'样例{dict(residential="小区", public="公建", industrial="厂房")[use]}{i:03d}',
             use_kind=use, area_m2=area, permit=permit, saving_standard=75 if use == 'residential' else 72 if civil else 0, drawing_day=draw,
             drawing_pass='true', site_day=site if site <= '2025-12-31' else '', site_pass='true' if site <= '2025-12-31' else '',
             accept_day=done if done <= '2025-12-31' else '', accept_pass='true' if done <= '2025-12-31' else '', green_design='true' if civil else '',
             stars=R.choice([0, 1, 1, 2]) if civil else '', green_accepted='true' if civil and done <= '2025-12-31' else '', prefab_rate='',
             roof_pv_kwp='', stands_for='')
    r.update(more)
    pr.append(r)
    return r


def starts(use, total, n, y, lo, hi):
    return [project(use, a, day(y, R.randint(lo, hi))) for a in split(total, n)]


def prefab(rows, total):
    """mark projects as prefabricated until their area is exactly total: the last one is fitted in size against another"""
    R.shuffle(rows)
    left, marked = total, []
    for r in rows[:-3]:  # some of every use stay as they are
        if r['area_m2'] <= left:
            r['prefab_rate'] = R.choice([50, 52, 55, 58, 61])
            left -= r['area_m2']
            marked.append(r)
        else:
            r['prefab_rate'] = R.choice([0, 12, 20, 30])
    other = next(r for r in rows if r not in marked and r['use_kind'] == marked[-1]['use_kind'] and r['area_m2'] > left)
    marked[-1]['area_m2'] += left
    other['area_m2'] -= left


for y in (2022, 2023):
    starts('residential', 300000, 14, y, 1, 12), starts('public', 90000, 6, y, 1, 12), starts('industrial', 260000, 8, y, 1, 12)
starts('residential', 296000, 16, 2024, 1, 12), starts('public', 90400, 6, 2024, 1, 12)
prefab([r for r in pr if '2024-01-01' <= r['permit'] <= '2024-09-30'] + starts('industrial', 380000, 14, 2024, 1, 9), 222000)
starts('industrial', 90000, 4, 2024, 10, 12)
q3 = starts('residential', 250000, 14, 2025, 1, 9) + starts('public', 81000, 6, 2025, 1, 9) + starts('industrial', 442900, 18, 2025, 1, 9)
prefab(list(q3), 299500)
q4 = starts('residential', 62200, 4, 2025, 10, 12) + starts('public', 20000, 2, 2025, 10, 12)
starts('industrial', 96000, 4, 2025, 10, 12)
civil = [r for r in q3 + q4 if r['use_kind'] != 'industrial']
left = 232500  # stars: a little more than 56 % of 413,200 m2; two small projects of the last quarter fit the sum
for k, r in enumerate(q4):
    r['stars'] = 1 if k < 2 else 0
    left -= r['area_m2'] if r['stars'] else 0
for r in (r for r in q3 if r['use_kind'] != 'industrial'):
    r['stars'] = R.choice([1, 1, 2]) if left - r['area_m2'] >= 0 else 0
    left -= r['area_m2'] if r['stars'] else 0
assert 0 <= left < q4[2]['area_m2']
q4[1]['area_m2'] += left
q4[2]['area_m2'] -= left
for no, stands in ((3, '中天壹号院'), (5, '林昌天铂')):
    pr[no]['stands_for'] = stands
    pr[no]['roof_pv_kwp'] = 320 + 40 * no
put('buildings', 'construction_project', pr)

seg = []
LOSS = {150: (79.5, 55.8), 200: (83.7, 55.1), 300: (118.1, 75.3)}


def segments(y, plans, dones):
    for i, (p, q) in enumerate(zip(plans, dones)):
        dn = R.choice([150, 200, 300])
        seg.append(dict(id=f's-hn-{y}-{i + 1:02d}', subject=DISTRICTS[i % 6], name=f'样例管段{y}-{i + 1:02d}', plan_year=y, plan_km=D(p) / 100,
                        done_km=D(q) / 100, accepted=day(y, R.randint(6, 10)), dn=dn, loss_old=2 * LOSS[dn][0] if dn else 0, loss_new=LOSS[dn][1],
                        age_factor='1.2', season_days=151))


segments(2024, split(3000, 14), split(3140, 14))
p25 = split(3800, 18)
segments(2025, p25 + [0] * 11, p25 + split(2556, 11))  # eleven segments that were not in the plan
put('buildings', 'heat_network_segment', seg)

# ---- transport

TEU = {20: D(1), 40: D(2), 45: D('2.25')}
rs = []
for y, total in ((2024, 788140), (2025, 840000)):
    mine = []
    for m in range(1, 13 if y == 2024 else 12):
        for c, w in (('样例东北通道', 0.6), ('样例蒙东通道', 0.25), ('样例中欧通道', 0.15)):
            for way in ('to_sea', 'to_rail'):
                for size, share in ((20, 0.42), (40, 0.52), (45, 0.06)):
                    boxes = int(total / 11 * w / 2 * share * (0.92 + 0.16 * R.random()) / float(TEU[size]))
                    if size == 45:
                        boxes -= boxes % 4
                    mine.append(dict(id=f's-rs-{y}{m:02d}-{len(mine):03d}', subject='u006', month=M(y, m), corridor=c, direction=way, size_ft=size, boxes=boxes,
                                     stands_for='营口港'))
    part = [r for r in mine if r['month'] <= M(y, 11) and r['size_ft'] == 20]
    need = int(total - sum(r['boxes'] * TEU[r['size_ft']] for r in mine if r['month'] <= M(y, 11)))
    for i, r in enumerate(part):
        add = need // (len(part) - i)
        r['boxes'] += add
        need -= add
    rs += mine
put('transport', 'rail_sea_container', rs)
vc = []
for i in range(240):
    y = 2024 if i < 110 else 2025
    h = R.randint(8, 60)
    fit, berth = R.random() < 0.72, R.random() < 0.9
    on = fit and berth and R.random() < (0.78 if y == 2024 else 0.91)
    need = int(h * R.randint(300, 1200))
    vc.append(dict(id=f's-vc-{i + 1:03d}', subject='u006', berth=f'样例泊位{i % 14 + 1:02d}', ship=f'样例轮{R.randint(1, 60):02d}', arrived=day(y, R.randint(1, 11)), hours=h,
                   ship_fitted=str(fit).lower(), berth_fitted=str(berth).lower(), connected=str(on).lower(), kwh_shore=int(need * (0.85 + 0.1 * R.random())) if on else 0,
                   kwh_needed=need))
put('transport', 'vessel_call', vc)
bf = []
for i, d in enumerate(DISTRICTS):
    bf.append(dict(id=f's-bf-{d}-1', subject=d, energy='diesel', vehicles=30 - 3 * i, in_service='2014-06-01', retired='2024-10-31'))
    bf.append(dict(id=f's-bf-{d}-2', subject=d, energy='cng', vehicles=18 - i, in_service='2017-06-01', retired=''))
    bf.append(dict(id=f's-bf-{d}-3', subject=d, energy='bev', vehicles=60 - 4 * i, in_service='2020-06-01', retired=''))
    bf.append(dict(id=f's-bf-{d}-4', subject=d, energy='bev', vehicles=32 - 3 * i, in_service='2024-11-01', retired=''))
put('transport', 'bus_fleet', bf)
cl, cm = [], []
TRIP_KM = dict(campus=6.5, tourism=18.2, community=4.5)
for i in range(18):
    kind = ('campus', 'tourism', 'community')[i % 3]
    opened = day(2024 if i < 10 else 2025, R.randint(2, 9))
    cl.append(dict(id=f's-cl-{i + 1:02d}', subject=DISTRICTS[i % 6], name=f'样例{dict(campus="校园", tourism="旅游", community="社区")[kind]}专线{i + 1:02d}', kind=kind, trip_km=TRIP_KM[kind], opened=opened,
                   ended=''))
    for m in range(1, 13):
        if M(2025, m) > M(int(opened[:4]), int(opened[5:7])):
            runs = R.randint(40, 160)
            cm.append(dict(id=f's-cm-{i + 1:02d}-2025{m:02d}', subject=DISTRICTS[i % 6], month=M(2025, m), line=f's-cl-{i + 1:02d}', runs=runs, riders=int(runs * R.randint(12, 34)),
                           seats=runs * 40))
put('transport', 'custom_line', cl)
put('transport', 'custom_line_month', cm)

# ---- people

ap = []
for y in (2024, 2025):
    for m in range(2, 12):
        for k in range(12):
            for cat in ('fridge', 'washer', 'air_conditioner', 'tv', 'water_heater', 'nev_car'):
                if (cat == 'nev_car') != (k >= 10):
                    continue
                for g in ([''] if cat == 'nev_car' else [1, 2, 3, 4]):
                    v = R.randint(60000, 240000) * (2 if m == 2 else 1) * (30 if cat == 'nev_car' else 1)
                    if y == 2025:
                        v = int(v * (1.14 if cat == 'nev_car' else 1.9 if g in (1, 2) else 0.8))
                    ap.append(dict(id=f's-as-{y}{m:02d}-{k + 1:02d}-{cat}-{g or 0}', subject=DISTRICTS[k % 6], month=M(y, m), merchant=f'样例商场{k + 1:02d}', category=cat, grade=g,
                                   value_cny=v, above_quota='true'))
eff = [r for r in ap if r['grade'] in (1, 2)]
then = sum(r['value_cny'] for r in eff if r['month'] < M(2025, 1))
last = [r for r in eff if r['month'] >= M(2025, 1)]
need = round(then * D('1.919')) - sum(r['value_cny'] for r in last)
for i, r in enumerate(last):
    add = need // (len(last) - i)
    r['value_cny'] += add
    need -= add
for m in range(2, 12):  # opened in 2025: no base, so outside the same-unit comparison
    ap.append(dict(id=f's-as-2025{m:02d}-13-fridge-1', subject='210804', month=M(2025, m), merchant='样例商场13', category='fridge', grade=1,
                   value_cny=R.randint(100000, 200000), above_quota='true'))
put('people', 'appliance_sale', ap)
me = []
for act, e, g, unit, cap, a, b, c in (('walk', 1, 60, 'km', 15, '2024-01-01', '2025-01-01', 'L'), ('walk', 2, 50, 'km', 15, '2025-01-01', '', 'L'),
                                      ('cycle', 1, 50, 'km', 30, '2024-01-01', '', 'L'), ('bus', 1, 30, 'km', 60, '2024-01-01', '', 'L'),
                                      ('no_cutlery', 1, 40, '次', 3, '2024-01-01', '', 'L'), ('small_portion', 1, 50, '次', 6, '2024-01-01', '', 'L')):
    me.append(dict(id=f's-me-{act}-{e}', act=act, edition=e, grams_per_unit=g, unit=unit, daily_cap=cap, valid_from=a, valid_to=b, certainty=c,
                   source='样例方法学（默认值）'))
put('people', 'methodology', me)
la = []
for i in range(600):
    y = 2024 if i < 200 else 2025
    act = R.choice(['walk', 'walk', 'cycle', 'bus', 'no_cutlery', 'small_portion'])
    d = datetime.datetime(y, R.randint(1, 11), R.randint(2, 27), R.randint(1, 12), R.randint(0, 59), R.randint(0, 59))
    la.append(dict(id=f's-la-{i + 1:04d}', subject=DISTRICTS[i % 6], month=M(y, d.month), person=f'p{R.randint(1, 80):03d}', act=act, device=f'd{R.randint(1, 90):03d}',
                   started=d.isoformat() + 'Z', amount=D(R.randint(8, 60)) / 10 if act in ('walk', 'cycle', 'bus') else R.randint(1, 2),
                   consent='false' if i % 50 == 49 else 'true', clawed_back='true' if i % 60 == 59 else ''))
put('people', 'low_carbon_act', la)
ev = []
for i in range(46):
    th_ = ('energy_week', 'low_carbon_day', 'ecology_day', 'environment_day')[i % 4]
    y = 2024 if i < 18 else 2025
    ev.append(dict(id=f's-ev-{i + 1:02d}', subject=DISTRICTS[i % 6], name=f'样例活动{i + 1:02d}', theme=th_, form=('square', 'panel', 'leaflet', 'live', 'online', 'home_visit')[i % 6],
                   held=day(y, {'energy_week': 5, 'low_carbon_day': 5, 'ecology_day': 8, 'environment_day': 6}[th_], 5, 25), attendance=R.randint(60, 900),
                   online_views=R.randint(0, 9000)))
put('people', 'event', ev)
fe = []
for y, f in ((2024, 1.0), (2025, 0.965)):
    for i, d in enumerate(DISTRICTS):
        for crop, m, kg, ha in (('rice', 5, 205, 4200), ('maize', 6, 190, 5200), ('fruit', 4, 240, 1900)):
            ha = int(ha * (0.2 if i < 3 else 1) * (0.95 + 0.1 * R.random()))
            fe.append(dict(id=f's-fe-{d}-{y}-{crop}', subject=d, month=M(y, m), crop=crop, n_t=D(int(ha * kg * f)) / 1000, sown_ha=ha, soil_tested_ha=int(ha * (0.86 if y == 2024 else 0.9))))
put('people', 'farm_fertiliser', fe)
ca, pa = [], []
for y in (2024, 2025):
    for m in range(1, 12):
        for k in range(10):
            n, p = R.randint(8000, 26000), R.randint(2000, 6000)
            ca.append(dict(id=f's-ca-{y}{m:02d}-{k + 1:02d}', subject=DISTRICTS[k % 6], month=M(y, m), merchant=f'样例餐馆{k + 1:02d}', dishes=n,
                           small_dishes=int(n * ((0.12 if y == 2024 else 0.19) + 0.04 * R.random())), packages=p, degradable=int(p * (0.93 if y == 2024 else 0.985))))
        for k in range(5):
            n = R.randint(300000, 900000)
            pa.append(dict(id=f's-pa-{y}{m:02d}-{k + 1}', subject=DISTRICTS[k], month=M(y, m), company=f'样例快递{k + 1}', parcels=n,
                           green_parcels=int(n * ((0.61 if y == 2024 else 0.72) + 0.05 * R.random()))))
put('people', 'catering_month', ca)
put('people', 'parcel_month', pa)
put('people', 'cloud_open_day', [dict(id=f's-co-{i + 1:02d}', subject=DISTRICTS[i % 6], plant=f'样例{"污水处理厂" if i % 2 else "焚烧发电厂"}{i % 4 + 1}',
                                      kind='sewage' if i % 2 else 'waste_to_energy', held=day(2024 if i < 4 else 2025, 6 if i % 2 else 9), viewers=R.randint(1500, 22000))
                                 for i in range(12)])

# ---- innovation

lm = []
for i in range(22):
    for lab in ('样例工业降碳实验室一', '样例工业降碳实验室二')[:2 if i % 5 == 0 else 1]:
        lm.append(dict(id=f's-lm-{i + 1:02d}-{len(lm)}', subject=DISTRICTS[i % 6], lab=lab, member=f'样例企业{i + 1:02d}', joined=day(2023 if i < 9 else 2024, 11)))
put('innovation', 'lab_member', lm)
put('innovation', 'rd_project', [
    dict(id=f's-rd-{i + 1}', subject=DISTRICTS[i], name=n, unit=f'样例研发单位{i + 1}', programme=p, field=f, started=d, trl=t, stands_for=s)
    for i, (n, p, f, d, t, s) in enumerate([('样例高纯材料制备', 'provincial_key', '新材料', '2024-03-10', 6, '荣兴达科技·高纯氟化镁制备'),
                                            ('样例储能电热部件', 'provincial_special', '储能', '2024-06-15', 7, '嘉顺科技·熔盐储能电热管'),
                                            ('样例可降解包装', 'provincial_key', '绿色包装', '2024-09-20', 7, '东盛实业·全生物降解保鲜包装'),
                                            ('样例镀膜设备', 'international', '光伏', '2025-02-18', 8, '金辰机械·高效光伏镀膜设备')])])
put('innovation', 'catalogue_award', [
    dict(id=f's-ca-{i + 1}', subject=DISTRICTS[i % 6], item=n, unit=f'样例单位{i + 1}', catalogue=c, level='provincial', awarded=d, stands_for=s)
    for i, (n, c, d, s) in enumerate([('样例外墙板', 'four_new', '2024-12-06', '辽宁盛铎建材科技·装配式外墙板'), ('样例压板机', 'four_new', '2025-05-12', '辽宁华盛钢结构工程·钢结构压板机'),
                                      ('样例小区003', 'good_house', '2025-04-20', '中天壹号院'), ('样例小区005', 'good_house', '2025-04-20', '林昌天铂')])])
run = []
for i in range(16):
    d = shift('2025-08-20', 7 * i)
    h, rate = R.randint(60, 110), R.uniform(1.1, 1.35)
    dri = round(h * rate, 1)
    fe_ = round(dri * R.uniform(0.915, 0.93), 3)
    met = round(fe_ * R.uniform(0.945, 0.957), 3)
    h2 = round(dri * R.uniform(58, 64), 1)
    kwh = int(h2 * R.uniform(51, 53.5))
    oth = int(dri * R.uniform(240, 300))
    run.append(dict(id=f's-pr-{i + 1:02d}', subject='210804', started=d, hours=h, dri_t=dri, total_fe=fe_, metallic_fe=met, h2_kg=h2, electrolysis_kwh=kwh, other_kwh=oth,
                    green_hourly_kwh=int((kwh + oth) * R.uniform(0.86, 0.93)), green_annual_kwh=int((kwh + oth) * 0.985), fossil_gas_m3=int(dri * R.uniform(2, 4))))
put('innovation', 'pilot_run', run)

# ---- the activities the article tells without a number. A seed of their own, so that what stands above keeps its bytes.
R = random.Random(20250601)


def sample(area, name, heads, rows):
    put(area, name, [dict(zip(heads.split(','), r)) for r in rows])


def read(area, room, name):
    with open(os.path.join(PACKS, area, room, name + '.csv'), encoding='utf-8') as f:
        return list(csv.DictReader(f))


curves={(2,'IE1'):(.5234,-5.0499,17.4180,74.3171),(4,'IE1'):(.5234,-5.0499,17.4180,74.3171),(6,'IE1'):(.0786,-3.5838,17.2918,72.2383),
(2,'IE2'):(.2972,-3.3454,13.0651,79.077),(4,'IE2'):(.0278,-1.9247,10.4395,80.9761),(6,'IE2'):(.0148,-2.4978,13.2470,77.5603),
(2,'IE3'):(.3569,-3.3076,11.6108,82.2503),(4,'IE3'):(.0773,-1.8951,9.2984,83.7025),(6,'IE3'):(.1252,-2.613,11.9963,80.4769)}


def eta(cls,p,kw):
    a,b,c,d=curves[(p,cls)]; x=math.log10(min(kw,200)); return round(a*x**3+b*x*x+c*x+d,1)


rows=[]
KW=[7.5,11,15,22,37,55,75,110,160,200,250]
for i in range(1,61):
    u=f'u{R.randint(1,123):03d}'; day=f'{R.choice([2024,2025])}-{R.randint(1,12):02d}-{R.randint(1,28):02d}'
    rep=''; 
    if R.random()<.55:
        y,m,d=map(int,day.split('-')); m+=R.randint(2,8); y,m=y+(m-1)//12,(m-1)%12+1
        if (y,m)<=(2025,12): rep=f'{y}-{m:02d}-{d:02d}'
    if i%5:
        kw,p=R.choice(KW),R.choice([2,4,4,4,6]); cls=R.choice(['IE1','IE2','IE2','IE3'])
        e=eta(cls,p,kw); low=e<eta('IE3',p,kw); rep=rep if low else ''
        rows.append([f's-eq-{i:03d}',u,'motor',('YX3-' if cls=='IE2' else 'Y-' if cls=='IE1' else 'YE3-')+f'样例{i:03d}',kw,p,e,'','',round(R.uniform(.35,.85),2),R.randint(2500,8000),day,'true' if low else 'false',rep,(min(99,round(eta('IE3',p,kw)+R.choice([0,.6]),1)) if rep else ''),'',''])
    else:
        kw=R.choice([630,800,1000,1250]); low=R.random()<.8; rep=rep if low else ''
        p0,pk=(1.15*kw/1000,10.3*kw/1000) if low else (.83*kw/1000,10.3*kw/1000)
        rows.append([f's-eq-{i:03d}',u,'transformer',('S9-' if low else 'S13-')+f'样例{i:03d}',kw,'','',round(p0,4),round(pk,4),round(R.uniform(.25,.7),2),8760,day,'true' if low else 'false',rep,'',(round(.83*kw/1000,4) if rep else ''),(round(10.3*kw/1000,4) if rep else '')])
rows.append(['s-eq-061','u003','motor','Y2-样例061',75,4,92.7,'','',.7,6000,'2025-03-11','false','','','',''])
rows.append(['s-eq-062','u005','motor','YX3-样例062',75,4,94.0,'','',.7,6000,'2025-02-11','true','2025-06-20',95.0,'',''])
sample('industry','equipment','id,subject,kind,model,rated_kw,poles,efficiency,no_load_kw,load_loss_kw,mean_load,hours,seen,low_efficiency,replaced,new_efficiency,new_no_load_kw,new_load_loss_kw',rows)
cp = read('buildings', 'sample', 'construction_project')
res=[r for r in cp if r['use_kind']=='residential' and r['permit']>='2024']
rows=[]
for i,r in enumerate(res[:24],1):
    A=float(r['area_m2']); V=round(A*2.9,1); st=R.choice([6,9,11,18])
    q=R.uniform(9.2,10.9)     # W/m2 aimed at
    te=-2.55; inf=(18-te)*.28*353/(te+273)*.5*2.9
    ekf=round((q+3.8-inf)*A/(18-te),1)
    rows.append([f's-en-{i:02d}',r['subject'],r['id'],r['area_m2'],V,ekf,round(R.uniform(.33,.45),2),round(R.uniform(.18,.25),2),round(R.uniform(1.6,2.0),2),st,r['drawing_day'] or r['permit']])
next(r for r in rows if r[-1].startswith('2025'))[6]=0.52  # planted: a wall over its limit
sample('buildings','envelope_design','id,subject,project,floor_m2,volume_m3,ekf_w_k,wall_k,roof_k,window_k,storeys,designed',rows)
starred=[r for r in cp if r['green_design']=='true' and r['stars'] and r['permit']>='2025']
rows=[]
for i,r in enumerate(starred,1):
    st=int(r['stars']); want={0:(520,590),1:(605,690),2:(705,840),3:(855,930)}[st]; tot=R.randint(*want)-400
    share=[.16,.15,.16,.31,.15,.07]; q=[max(31,min(99,round(tot*s))) for s in share]; q[3]=max(61,min(199,q[3])); q[5]=0
    q[5]=max(0,min(100,tot-sum(q[:5])))
    rows.append([f's-gr-{i:02d}',r['subject'],r['id'],r['permit'],'true','true' ,*q[:5],q[5],st])
sample('buildings','green_rating','id,subject,project,rated,control_items,full_fitout,q1,q2,q3,q4,q5,qa,table_star',rows)
pf=[r for r in cp if r['prefab_rate'] and r['permit']>='2025']
rows=[]
for i,r in enumerate(pf,1):
    rate=float(r['prefab_rate'])/100; q4=R.choice([0,0,4,6]); tot=rate*(100-q4)
    q1=min(50,max(20,round(tot*.52,2))); q2=min(20,max(10,round(tot*.2,2))) if rate>=.5 else round(tot*.2,2)
    if rate<.5: q1=round(tot*.55,2)
    q3=round(tot-q1-q2,2)
    rows.append([f's-pr-{i:02d}',r['subject'],r['id'],r['permit'],q1,q2,max(0,q3),q4])
sample('buildings','prefab_rating','id,subject,project,rated,q1,q2,q3,q4',rows)
rows=[]; n=0
for y in (2024,2025):
  for m in (1,2,11,12):
    for d in DISTRICTS:
      for pl,mu in (('near',22.2),('middle',20.6),('far',18.9+(0.9 if (y,m)>=(2025,11) else 0))):
        n+=1; rows.append([f's-rt-{n:03d}',d,f'样例楼{n%40+1:02d}',pl,f'{y}-{m:02d}-{R.randint(1,28):02d}',round(R.gauss(mu,1.1),1),round(R.uniform(-14,2),1)])
sample('buildings','room_temperature','id,subject,building,place,measured,room_c,outdoor_c',rows)
rows=[]
for y in (2024,2025):
  for m in (1,2,3,11,12):
    for k,d in enumerate(DISTRICTS):
      h=[92000,61000,83000,47000,70000,88000][k]; c=int(h/10000*R.uniform(9,16)*(1.0 if (y,m)<(2025,6) else .7))
      rows.append([f's-hc-{d}-{y}{m:02d}',d,M(y,m),h,c,int(c*R.uniform(.93,.99))])
sample('buildings','heat_complaint','id,subject,month,households,complaints,settled',rows)
plants=[('s-pv-1','210802','样例屋顶电站一',420,30,180),('s-pv-2','210804','样例屋顶电站二',1250,12,180),('s-pv-3','210811','样例立面电站三',85,90,180),('s-pv-4','210882','样例屋顶电站四',600,25,200)]
sample('buildings','pv_plant','id,subject,name,kwp,latitude,longitude,tilt,azimuth,gamma_per_k,noct_c,system_eta,in_service',[[a,b,c,k,40.67,122.23,t,z,-0.0035,45,0.86,'2024-03-01'] for a,b,c,k,t,z in plants])
irr=[]
mean_air=[-8,-5,2,11,17,22,25,25,19,12,3,-5]
for m in range(1,13):
  kt=R.uniform(.45,.72)
  for h in range(24):
    t=datetime.datetime(2025,m,21,h,0,tzinfo=timezone(timedelta(hours=8))); mid=(t+timedelta(minutes=30)).timestamp()
    z,az,i0=sun.position(mid,40.67,122.23); z=math.degrees(z)
    ghi=dni=dhi=0
    if z<89:
      cz=math.cos(math.radians(z)); top=i0*cz; ghi=round(kt*top*R.uniform(.93,1.05),0); dfrac=min(.95,max(.18,1.1-kt*1.15)); dhi=round(ghi*dfrac,0); dni=round(min(950,(ghi-dhi)/max(cz,.1)),0); ghi=round(dni*cz+dhi,0)
    if ghi>0: irr.append([f's-ir-{m:02d}21-{h:02d}','210800',t.astimezone(timezone.utc).strftime('%Y-%m-%dT%H:%M:%SZ'),int(ghi),int(dni),int(dhi),round(mean_air[m-1]+5*math.sin((h-9)/24*2*math.pi),1)])
sample('buildings','irradiance_hour','id,subject,started,ghi,dni,dhi,air_c',irr)
rows=[]
day_of = lambda m: [dict(zip(('id', 'subject', 'started', 'ghi', 'dni', 'dhi', 'air_c'), r)) for r in irr if r[0].startswith(f's-ir-{m:02d}21')]
for p in read('buildings', 'sample', 'pv_plant'):
    for m in range(1, 13):  # one plant is faulty in July and August
        share = 0.58 if p['id'] == 's-pv-4' and m in (7, 8) else R.uniform(0.9, 1.02)
        rows.append([f"s-pd-{p['id'][-1]}-{m:02d}", p['subject'], p['id'], f'2025-{m:02d}-21', round(sum(sun.expected_kwh(p, r) for r in day_of(m)) * share, 1)])
sample('buildings','pv_day','id,subject,plant,day,kwh',rows)
rows=[]
for i in range(1,49):
    k=['lighting','water','meter','control'][i%4]; d=DISTRICTS[i%6]; n_=R.randint(20,900)
    rows.append([f's-bm-{i:02d}',d,f'样例公共建筑{i%17+1:02d}',k,n_,f'{R.choice([2024,2025])}-{R.randint(1,12):02d}-{R.randint(1,28):02d}',n_*R.randint(60,110) if k in('lighting','control') else '',n_*R.randint(3,9) if k=='water' else ''])
sample('buildings','building_measure','id,subject,building,measure,pieces,done,saving_kwh,saving_m3',rows)
rows=[]
for y in (2024,2025):
  for m in range(1,13):
    for c,(rk,ra,fl) in {'样例东北通道':(560,585,24),'样例蒙东通道':(760,812,31)}.items():
      rows.append([f's-ms-{y}{m:02d}-{1 if c=="样例东北通道" else 2}','u006',M(y,m),c,int(R.uniform(90,150)*1000*(1.06 if y==2025 else 1)),rk,ra,fl])
sample('transport','modal_shift','id,subject,month,corridor,goods_t,road_km,rail_km,first_last_km',rows)
rows=[]
for y in (2024,2025):
  for m in range(1,13):
    for k,d in enumerate(DISTRICTS):
      for kd in ('walk','cycle'):
        season=.55+.45*math.sin((m-1)/11*math.pi); rows.append([f's-sc-{d}-{y}{m:02d}-{kd}',d,f'样例计数点{k+1}',kd,f'{y}-{m:02d}-15',int((5200 if kd=='walk' else 2100)*season*R.uniform(.9,1.1)*(1.05 if y==2025 else 1))])
sample('transport','street_count','id,subject,place,kind,day,people',rows)
rows=[]
for i in range(1,81):
    pr=R.randint(30,380)*1000
    rows.append([f's-mb-{i:03d}',DISTRICTS[R.choice([1,3,4,4,5,5])],R.choice(['tractor','tractor','harvester','seeder','sprayer']),R.choice(['cn4','cn4','cn4','electric','none']),f'{R.choice([2024,2025])}-{R.randint(2,12):02d}-{R.randint(1,28):02d}',pr,round(pr*R.uniform(.18,.3)),R.choice(['true','false','false'])])
sample('people','machinery_subsidy','id,subject,category,drive,granted,price_cny,subsidy_cny,scrapped',rows)
rows=[]
for y in (2024,2025):
  for m in (6,7,8):
    for d in DISTRICTS[1:]:
      for c in ('rice','maize'):
        t=R.randint(300,1600); rows.append([f's-pp-{d}-{y}{m:02d}-{c}',d,M(y,m),c,t,round(t*R.uniform(.48,.58)*(1.06 if y==2025 else 1)),round(t*R.uniform(.3,.5))])
sample('people','plant_protection','id,subject,month,crop,treated_ha,green_ha,drone_ha',rows)
refs = [(r['ref'], r['scope'], r['level']) for r in read('city', 'data', 'gpc_refs')]
base={'I.1.1':(1210000,95,12),'I.1.2':(1820000,0,0),'I.2.1':(640000,40,8),'I.2.2':(1490000,0,0),'I.3.1':(21800000,260,210),'I.3.2':(6900000,0,0),'I.4.1':(7350000,80,110),'I.4.2':(410000,0,0),'I.4.4':(2280000,20,35),'I.5.1':(210000,12,3),'I.5.2':(160000,0,0),'I.8.1':(0,880,0),'II.1.1':(2980000,210,140),'II.1.2':(48000,0,0),'II.2.1':(130000,7,45),'II.2.2':(220000,0,0),'II.3.1':(390000,9,10),'II.3.2':(31000,0,0),'II.5.1':(170000,9,60),'III.1.1':(0,9800,0),'III.3.1':(212000,2,11),'III.4.1':(0,3100,96),'IV.1':(9650000,0,0),'IV.2':(61000,0,0),'V.1':(0,11900,410),'V.2':(-380000,0,0),'V.3':(88000,4200,1180)}
rows=[]
for y,g in ((2023,1.0),(2024,.993),(2025,1.012)):
  for r in refs:
    ref=r[0]; id_=f's-iv-{y}-{ref}'
    if ref in base:
      c,h,n_=base[ref]; k=g*R.uniform(.985,1.015); rows.append([id_,'210800',M(y,12),ref,'value','',round(c*k),round(h*k),round(n_*k),(96000 if ref=='III.3.1' else ''),'样例清单'])
    elif r[2]=='basic_plus': rows.append([id_,'210800',M(y,12),ref,'NE','','','','','','样例清单'])
    elif ref in ('I.6.1','I.6.2'): rows.append([id_,'210800',M(y,12),ref,'IE','I.3'+ref[3:],'','','','','样例清单'])
    else: rows.append([id_,'210800',M(y,12),ref,'NO','','','','','','样例清单'])
sample('city','inventory_row','id,subject,month,ref,notation,included_in,co2_t,ch4_t,n2o_t,biogenic_co2_t,source',rows)
rows=[['s-gp-001','210802',M(2025,9),'样例银行01','green','2019',8000,2000,10000,3600,'']]
for i in range(2,26):
    p=R.choice(['pv','pv','green','water']); t=R.randint(600,24000)
    rows.append([f's-gp-{i:03d}',R.choice(DISTRICTS),M(2025,9),f'样例银行{R.randint(1,6):02d}',p,'2019',t,round(t*R.uniform(.2,.75)),round(t*R.uniform(.4,1.4)) if p!='water' else '',round(t*R.uniform(.15,.5)) if p=='green' else '',round(t*R.uniform(3,9)) if p=='water' else ''])
sample('city','green_project','id,subject,month,bank,product,directory_version,total_wan,outstanding_wan,saved_co2_t,saved_tce,saved_water_t',rows)
# consent for every scene somebody uses; three withdraw it in 2025, one asks to be erased
used = sorted({(r['person'], r['act'], r['subject']) for r in la if r['consent'] == 'true'})
first = {}
for person, act, d in used:
    first.setdefault((person, act), d)
sample('people', 'carbon_consent', 'id,subject,person,scene,given,withdrawn',
       [[f's-cc-{i:03d}', d, person, act, '2024-01-01', '2025-07-01' if i % 97 == 0 else ''] for i, ((person, act), d) in enumerate(first.items(), 1)])
sample('people', 'carbon_erasure', 'id,subject,person,requested', [['s-ce-1', '210811', 'p017', '2025-06-01']])
# two points of a sample plant that burns, open to everybody
sample('people', 'open_reading', 'id,subject,plant,kind,point,label_zh,label_en,unit,until',
       [['s-or-1', 'u005', '样例焚烧发电厂1', 'waste_to_energy', 'energy,carrier=electricity,meter=u005-020,unit=u005 power', '发电功率', 'Power', 'kW', ''],
        ['s-or-2', 'u005', '样例焚烧发电厂1', 'waste_to_energy', 'energy,carrier=heat,meter=u005-021,unit=u005 value', '供水温度', 'Supply temperature', '℃', '']])
