// A stand-in for the server, for developing and testing the pages alone: node test/browser/fake.mjs [PORT]
// Every number here is invented by a fixed generator (seeded, clock fixed). It is a test fixture, not the ledger.
import { createServer } from 'node:http';
import { readFile } from 'node:fs/promises';
import { extname, join, normalize } from 'node:path';
import { fileURLToPath } from 'node:url';
import { makeWork } from './fake-work.mjs';

const DIST = process.env.QF_DIST || join(fileURLToPath(new URL('.', import.meta.url)), '../../web/dist');
const NOW = Date.parse('2026-11-22T23:00:00+08:00');
const CSP = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; connect-src 'self'; worker-src 'self'; font-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'";
const TYPES = { '.html': 'text/html; charset=utf-8', '.js': 'text/javascript; charset=utf-8', '.css': 'text/css; charset=utf-8', '.json': 'application/json', '.svg': 'image/svg+xml',
  '.ico': 'image/x-icon', '.txt': 'text/plain; charset=utf-8' };

/** A number in 0..1 from a text, always the same. */
function rnd(text) {
  let h = 2166136261;
  for (const c of text) h = Math.imul(h ^ c.codePointAt(0), 16777619);
  h = Math.imul(h ^ (h >>> 15), 2246822519);
  h = Math.imul(h ^ (h >>> 13), 3266489917);
  return ((h ^ (h >>> 16)) >>> 0) / 4294967296;
}
const round = (v, d = 3) => Number(v.toFixed(d));

const DISTRICTS = [['210802', '站前区', 'Zhanqian'], ['210803', '西市区', 'Xishi'], ['210804', '鲅鱼圈区', 'Bayuquan'], ['210811', '老边区', 'Laobian'], ['210881', '盖州市', 'Gaizhou'], ['210882', '大石桥市', 'Dashiqiao']]
  .map(([id, name_zh, name_en]) => ({ id, name_zh, name_en }));
const STEMS = [['海岳', 'Haiyue'], ['滨城', 'Bincheng'], ['晨辉', 'Chenhui'], ['北辰', 'Beichen'], ['金桥', 'Jinqiao'], ['远航', 'Yuanhang'], ['瑞峰', 'Ruifeng'], ['东泽', 'Dongze'], ['望海', 'Wanghai'], ['恒基', 'Hengji']];
const TRADES = [['镁砂', 'Magnesia', '3089'], ['耐火材料', 'Refractories', '3089'], ['水泥', 'Cement', '3011'], ['化工', 'Chemicals', '2614'], ['热电', 'Heat and Power', '4412'], ['造纸', 'Paper', '2221'], ['食品', 'Food', '1371'],
  ['机械', 'Machinery', '3484'], ['铝业', 'Aluminium', '3252'], ['港务', 'Port', '5532'], ['纺织', 'Textiles', '1711'], ['玻璃', 'Glass', '3041'], ['汽车部件', 'Auto Parts', '3670']];
const UNITS = [{ id: 'u001', parent: '210804', kind: 'unit', name_zh: '示例海岳钢铁有限公司', name_en: 'Sample Haiyue Steel', sector: '3110', sample: true, points: 46, size: 1.9e6 }];
for (let i = 2; i <= 123; i++) {
  const [sz, se] = STEMS[i % 10];
  const [tz, te, sector] = TRADES[i % 13];
  UNITS.push({ id: `u${String(i).padStart(3, '0')}`, parent: DISTRICTS[Math.floor(rnd(`d${i}`) * 6)].id, kind: 'unit', name_zh: `示例${sz}${tz}公司`, name_en: `Sample ${se} ${te}`, sector, sample: true, points: 2 + (i % 5),
    size: 3e5 / Math.pow(i, 0.9) + 2000 });
}
const PROCESSES = [['coking', '焦化工序', 'Coking'], ['sinter', '烧结工序', 'Sintering'], ['bf', '高炉工序', 'Blast furnace'], ['bof', '转炉工序', 'Converter'], ['rolling', '轧钢工序', 'Rolling'], ['power', '自备电厂', 'Own power station']]
  .map(([c, name_zh, name_en]) => ({ id: `u001.${c}`, parent: 'u001', kind: 'process', name_zh, name_en, sector: null, sample: true, points: 6 }));
const CITY = { id: '210800', parent: null, kind: 'city', name_zh: '演示市', name_en: 'Demo City', sector: null, sample: true, points: 512 };
const SUBJECTS = [CITY, ...DISTRICTS.map((d) => ({ ...d, parent: '210800', kind: 'district', sector: null, sample: true, points: 80 })), ...UNITS.map(({ size, ...u }) => u), ...PROCESSES];
const byId = new Map(SUBJECTS.map((s) => [s.id, s]));
const sizeOf = (id) => (UNITS.find((u) => u.id === id) || { size: 0 }).size;
const unitsUnder = (id) => (!id || id === '210800' ? UNITS : UNITS.filter((u) => u.id === id || u.parent === id));

const CAT = [
  ['industry.energy_total', '综合能耗（当量值）', 'Comprehensive energy consumption', 'tce', 'sum', 'down', 1, '万吨标准煤 0.0001 | ktce 0.001', 'GB/T 2589-2020'],
  ['industry.co2_total', '二氧化碳排放总量', 'Total CO2 emissions', 'tCO2', 'sum', 'down', 2.42, '万吨二氧化碳 0.0001 | ktCO2 0.001', 'GB/T 32151.5-2015'],
  ['industry.electricity', '外购电量（净）', 'Electricity purchased, net', 'kWh', 'sum', 'none', 1840, '万千瓦时 0.0001 | GWh 0.000001', null],
  ['industry.peak_demand', '最大需量', 'Peak demand', 'kW', 'max', 'down', 3.1, '万千瓦 0.0001 | MW 0.001', null],
  ['industry.power_factor', '平均功率因数', 'Mean power factor', '1', 'power_factor', 'up', 0, null, null],
  ['industry.energy_intensity', '单位工业增加值能耗', 'Energy per value added', 'tce/10^4 CNY', 'ratio', 'down', 0, '吨标准煤/万元 1 | tce per 10^4 CNY 1', null],
  ['industry.data_completeness', '采集完整率', 'Data completeness', '1', 'ratio', 'up', 0, '% 100 | % 100', null],
  ['industry.unit_energy.coking', '焦化工序单位产品能耗', 'Coking, unit energy', 'kgce/t', 'ratio', 'down', 0, null, 'GB 21342-2025'],
  ['industry.unit_energy.sinter', '烧结工序单位产品能耗', 'Sintering, unit energy', 'kgce/t', 'ratio', 'down', 0, null, 'GB 21256-2025'],
  ['industry.unit_energy.bf', '高炉工序单位产品能耗', 'Blast furnace, unit energy', 'kgce/t', 'ratio', 'down', 0, null, 'GB 21256-2025'],
  ['industry.unit_energy.bof', '转炉工序单位产品能耗', 'Converter, unit energy', 'kgce/t', 'ratio', 'down', 0, null, 'GB 21256-2025'],
].map(([id, zh, en, unit, kind, better, per, display, clause]) => ({ id, title: { zh, en }, unit, kind, better, per, display, clause, area: 'industry', decimals: kind === 'ratio' || kind === 'power_factor' ? 3 : 2 }));
const RATIO = { 'industry.power_factor': 0.934, 'industry.energy_intensity': 1.273, 'industry.data_completeness': 0.986, 'industry.unit_energy.coking': 108.4, 'industry.unit_energy.sinter': 47.3, 'industry.unit_energy.bf': 391.6,
  'industry.unit_energy.bof': -21.4 };

// place in the report and the sentence answered (not in the order of the list: the page sorts), and what a rule finds
const TOLD = { 'industry.energy_intensity': [20, '单位工业增加值能耗同比下降'], 'industry.energy_total': [21, '全市规模以上工业综合能耗稳步可控'], 'industry.co2_total': [5, '二氧化碳排放总量得到控制'] };
const NOTES = { 'industry.energy_intensity': [{ rule: 'intensity_scope', severity: 'info', text: { zh: '仅含规模以上工业，按可比价计算', en: 'Above scale only, at constant prices' } }] };
const LEVEL = { 'industry.unit_energy.coking': 1, 'industry.unit_energy.sinter': 3, 'industry.unit_energy.bf': 3, 'industry.unit_energy.bof': 3 };

const midx = (s) => Number(s.slice(0, 4)) * 12 + Number(s.slice(5)) - 1;
const mtext = (i) => `${Math.floor(i / 12)}-${String((i % 12) + 1).padStart(2, '0')}`;
function months(period) {
  const [a, b] = /^\d{4}-\d{2}\.\.\d{4}-\d{2}$/.test(period || '') ? period.split('..') : /^\d{4}-\d{2}$/.test(period || '') ? [period, period] : ['2026-01', '2026-11'];
  const out = [];
  for (let i = midx(a); i <= midx(b); i++) if (i >= 2025 * 12 && i <= midx('2026-11')) out.push(mtext(i));
  return out;
}
/** Invented amount of an additive figure of one unit in one month. */
function amount(c, unit, m) {
  const k = midx(m);
  return round(((unit.size * c.per) / 12) * (1 + 0.12 * Math.cos((k % 12) / 1.9)) * (0.96 + 0.08 * rnd(`${unit.id}${m}`)) * (k < 2026 * 12 ? 1.031 : 1));
}
function valueOf(c, subject, list) {
  if (!list.length) return null;
  if (RATIO[c.id] !== undefined) return !c.id.includes('unit_energy') || !subject || subject === 'u001' || subject === '210800' ? round(RATIO[c.id] * (0.98 + 0.04 * rnd(c.id + subject + list[list.length - 1])), 4) : null;
  const per = list.map((m) => unitsUnder(subject).reduce((s, u) => s + amount(c, u, m), 0));
  return round(c.kind === 'max' ? Math.max(...per) : per.reduce((a, b) => a + b, 0));
}
const FACTORS = [['k.electricity', 1, 0.1229, 'kgce/kWh', 'GB/T 2589-2020', '附录 A', '电力折标准煤系数', 'Electricity, coal equivalent'], ['k.raw_coal', 1, 714.3, 'kgce/t', 'GB/T 2589-2020', '附录 A', '原煤折标准煤系数', 'Raw coal, coal equivalent'],
  ['k.natural_gas', 1, 1.33, 'kgce/m3', 'GB/T 2589-2020', '附录 A', '天然气折标准煤系数', 'Natural gas, coal equivalent']];
// one figure was given out and changed since: energy of September 2026
const PUBLISHED = { value: 401234.5, at: '2026-10-20T09:00:00+08:00', period: { from: '2026-09', to: '2026-09' }, seq: 8839000 };
const isPublished = (id, q) => id === 'industry.energy_total' && (q.get('subject') || '210800') === '210800' && ['2026-09', '2026-09..2026-09'].includes(q.get('period'));
const changesTo = (now) => [{ old: PUBLISHED.value, new: now, difference: round(now - PUBLISHED.value), reason: '电力数与发票不符，更正', cause: { records: [{ type: 'energy_monthly', id: 'u002:24320', version: 2, status: 'accepted', by: 'qian', seq: 8840900, reason: '电力数与发票不符，更正' }], readings: false, since: 8839000 }, at: '2026-11-02T15:31:00+08:00', seq: 8840901 }];
function figure(id, q) {
  const c = CAT.find((x) => x.id === id);
  if (!c) return null;
  const list = months(q.get('period'));
  const subject = q.get('subject') || '210800';
  const value = valueOf(c, subject, list);
  const before = valueOf(c, subject, list.map((m) => mtext(midx(m) - 12)).filter((m) => midx(m) >= 2025 * 12));
  const has = value !== null && c.better !== 'none' && !c.id.includes('unit_energy') && c.id !== 'industry.power_factor';
  const target = has ? round(value * (c.id === 'industry.co2_total' ? 0.97 : c.id === 'industry.energy_intensity' ? 0.99 : c.better === 'up' ? 0.98 : 1.02), 4) : null;
  return { id, title: c.title, subject, period: { from: list[0] || null, to: list[list.length - 1] || null }, value, unit: c.unit, numerator: c.kind === 'ratio' ? value : value, denominator: c.kind === 'ratio' ? 1 : null,
    scope: { zh: '规模以上重点用能单位，工业部分', en: 'Key energy-using units, industry' }, completeness: value === null ? null : 0.986, quality: value === null ? null : { measured: 0.914, filed: 0.07, estimated: 0.016 }, target,
    gap: target === null ? null : round(value - target), level: LEVEL[c.id] === undefined || value === null ? null : LEVEL[c.id], better: c.better,
    yoy: { value: before && value !== null ? round(100 * (value / before - 1), 4) : null, unit: '%', basis: '2025-01..2025-11, same list of units' },
    factors: c.kind === 'sum' && c.unit !== 'kWh' ? FACTORS.map(([id, version]) => ({ id, version })) : [],
    flags: value === null ? ['no_data'] : c.unit === 'tce' ? ['factor_outside_validity:k.raw_coal'] : [], clause: c.clause, decimals: c.decimals, display: c.display, kind: c.kind, area: c.area, notes: NOTES[id] || [], ...(LEVEL[c.id] ? { limit: { standard: 'GB 21256-2025' } } : {}), ...(isPublished(id, q) ? { published: PUBLISHED, restated: changesTo(value) } : {}), ...(TOLD[id] ? { order: TOLD[id][0], article: TOLD[id][1] } : {}), seq: 8841207 };
}
const SPLIT = [['raw_coal', '原煤', 'Raw coal', 0.44], ['electricity', '电力', 'Electricity', 0.23], ['coke', '焦炭', 'Coke', 0.17], ['natural_gas', '天然气', 'Natural gas', 0.09], ['steam', '蒸汽', 'Steam', 0.05], ['pv_electricity', '光伏', 'PV', 0.02]];
function trend(id, q) {
  const c = CAT.find((x) => x.id === id);
  const by = q.get('by') || 'month';
  const subject = q.get('subject') || '210800';
  const out = [];
  if (!c) return null;
  for (const month of months(q.get('period'))) {
    const est = month === '2026-09' ? 0.07 : 0;
    const row = (key, name, value) => out.push({ month, key, name, value, estimated: value === null ? null : round(value * est) });
    if (by === 'child') {
      const kids = SUBJECTS.filter((s) => s.parent === subject && (s.kind === 'district' || s.kind === 'unit'));
      for (const s of kids) row(s.id, { zh: s.name_zh, en: s.name_en }, valueOf(c, s.id, [month]));
    } else if (by === 'carrier' && c.per) for (const [k, zh, en, part] of SPLIT) row(k, { zh, en }, round(valueOf(c, subject, [month]) * part));
    else if (by === 'scope') for (const [k, zh, en, part] of [['combustion', '燃烧', 'Combustion', 0.7], ['process', '过程', 'Process', 0.12], ['electricity', '净购入电', 'Purchased electricity', 0.18]]) row(k, { zh, en }, round((valueOf(c, subject, [month]) || 0) * part));
    else row(null, null, valueOf(c, subject, [month]));
  }
  return out;
}
function why(id, q) {
  const c = CAT.find((x) => x.id === id);
  if (!c) return null;
  const list = months(q.get('period'));
  const top = q.get('subject') || '210800';
  const leaf = (u, value, path) => ({ label: { zh: `${u.name_zh} 电量 × 系数`, en: `${u.name_en}: electricity × factor` }, kind: 'product', op: 'product', value, unit: c.unit, path, quality: 'measured', ref: {}, children: [
    { label: { zh: '日账合计', en: 'Daily accounts' }, kind: 'account', op: 'sum', value: round(value / 0.0001229), unit: 'kWh', path: `${path}/a`, quality: rnd(path) > 0.8 ? 'estimated' : 'measured', ref: { point: 3, seq: 8800123 }, children: [], more: 0 },
    { label: { zh: '电力折标准煤系数', en: 'Electricity, coal equivalent' }, kind: 'factor', value: 0.0001229, unit: 'tce/kWh', path: `${path}/f`, ref: { factor: 'k.electricity@1', clause: 'GB/T 2589-2020 附录 A' }, children: [], more: 0 }], more: 0 });
  const node = (s, path, depth) => {
    const kids = SUBJECTS.filter((x) => x.parent === s.id && (x.kind === 'district' || x.kind === 'unit'));
    const value = valueOf(c, s.id, list);
    if (!kids.length || !c.per) return leaf(s, value, path);
    const shown = kids.slice(0, 12);
    return { label: { zh: `${s.name_zh}合计`, en: `${s.name_en}, sum` }, kind: 'sum', op: 'sum', value, unit: c.unit, path, ref: { seq: 8841207 }, quality: 'measured',
      children: depth > 0 ? shown.map((k, i) => node(k, `${path}/${i}`, depth - 1)) : [], more: depth > 0 ? kids.length - shown.length : kids.length };
  };
  const depth = Number(q.get('depth') || 2);
  const path = q.get('path') || 'r';
  let at = byId.get(top);
  for (const step of path.split('/').slice(1)) {
    const kids = SUBJECTS.filter((x) => x.parent === at.id && (x.kind === 'district' || x.kind === 'unit'));
    if (!kids[Number(step)]) break;
    at = kids[Number(step)];
  }
  const top1 = node(at, path, depth);
  return path === 'r' && isPublished(id, q) ? { ...top1, restatement: { published: PUBLISHED.value, now: top1.value, difference: round(top1.value - PUBLISHED.value), unit: c.unit, at: PUBLISHED.at, factors: ['k.electricity@1'], changes: changesTo(top1.value) } } : top1;
}
const N = (id, zh, en, layer, group) => ({ id, name: { zh, en }, layer, group });
function sankey(id) {
  if (id === '210800' || DISTRICTS.some((d) => d.id === id)) {
    const nodes = [...SPLIT.map(([k, zh, en]) => N(`in:${k}`, zh, en, 0, 'other')), ...DISTRICTS.filter((d) => id === '210800' || d.id === id).map((d) => N(d.id, d.name_zh, d.name_en, 1, 'process')), N('used', '净消耗', 'Net use', 2, 'other')];
    const links = [];
    for (const d of nodes.filter((n) => n.layer === 1)) {
      const all = valueOf(CAT[0], d.id, months(null));
      for (const [k, , , part] of SPLIT) links.push({ source: `in:${k}`, target: d.id, value: round(all * part), unit: 'tce', carrier: k });
      links.push({ source: d.id, target: 'used', value: all, unit: 'tce', carrier: 'used' });
    }
    return { nodes, links, residual: 1284.5 };
  }
  if (id !== 'u001') return { nodes: [], links: [], residual: null };
  const L = (source, target, value, carrier) => ({ source, target, value, unit: 'tce', carrier });
  return { nodes: [N('in:washed_coal', '洗精煤', 'Washed coal', 0, 'coal'), N('in:coke', '外购焦炭', 'Coke bought', 0, 'coal'), N('in:electricity', '外购电', 'Electricity', 0, 'electricity'), N('in:natural_gas', '天然气', 'Natural gas', 0, 'oil_gas'),
    N('in:anthracite', '喷吹煤', 'Injected coal', 0, 'coal'), ...PROCESSES.map((p, i) => N(p.id, p.name_zh, p.name_en, i === 5 ? 2 : 1, 'process')), N('out:coke_oven_gas', '焦炉煤气', 'Coke oven gas', 3, 'coal'),
    N('out:blast_furnace_gas', '高炉煤气', 'Blast furnace gas', 3, 'coal'), N('out:steam', '余热蒸汽', 'Steam', 3, 'heat'), N('used', '净消耗', 'Net use', 3, 'other')],
  links: [L('in:washed_coal', 'u001.coking', 612000, 'washed_coal'), L('in:coke', 'u001.bf', 388000, 'coke'), L('in:anthracite', 'u001.bf', 241000, 'anthracite'), L('in:anthracite', 'u001.sinter', 63000, 'anthracite'),
    L('in:electricity', 'u001.bf', 38000, 'electricity'), L('in:electricity', 'u001.bof', 31000, 'electricity'), L('in:electricity', 'u001.rolling', 74000, 'electricity'), L('in:natural_gas', 'u001.rolling', 22000, 'natural_gas'),
    L('u001.coking', 'out:coke_oven_gas', 118000, 'coke_oven_gas'), L('u001.coking', 'used', 494000, 'used'), L('u001.bf', 'u001.power', 164000, 'blast_furnace_gas'), L('u001.bf', 'out:blast_furnace_gas', 96000, 'blast_furnace_gas'),
    L('u001.bf', 'used', 407000, 'used'), L('u001.sinter', 'used', 63000, 'used'), L('u001.bof', 'out:steam', 9000, 'steam'), L('u001.bof', 'used', 22000, 'used'), L('u001.rolling', 'used', 96000, 'used'), L('u001.power', 'used', 164000, 'used')],
  residual: 5210.4 };
}
const LIMITS = [['bf', 361, 370, 415, 'GB 21256-2025'], ['bof', -30, -28, -12, 'GB 21256-2025'], ['coking', 110, 110, 135, 'GB 21342-2025'], ['sinter', 43, 46, 52, 'GB 21256-2025'], ['bf', 361, null, 435, 'NDRC 2023 No. 723']]
  .map(([process, level1, level2, level3, standard]) => ({ process, level1, level2, level3, unit: 'kgce/t', standard, clause: '' }));
const CARR = [['electricity', 'kWh', 'register'], ['natural_gas', 'm3', 'register'], ['steam', 'GJ', 'interval'], ['fresh_water', 't', 'register']];
const POINTS = [];
for (let i = 1; i <= 214; i++) {
  const u = i <= 46 ? UNITS[0] : UNITS[i % 123];
  const [carrier, unit, kind] = CARR[i % 4];
  const fresh = i % 29 === 0;
  const state = fresh ? 'new' : i % 37 === 0 ? 'silent' : i === 3 || i === 60 ? 'alarm' : 'adopted';
  const sub = i <= 46 && i > 4 ? PROCESSES[i % 6] : u;
  POINTS.push({ point: i, key: `energy,site=${u.id},meter=m${i} ${carrier}`, name_zh: fresh ? null : `${sub.name_zh} ${i} 号表`, name_en: fresh ? null : `${sub.name_en}, meter ${i}`, subject: fresh ? null : sub.id, carrier: fresh ? null : carrier,
    flow: fresh ? null : i <= 46 && i > 4 ? 'consume' : 'purchase', unit: fresh ? null : unit, kind: fresh ? null : kind, last: i % 41 === 0 ? null : { value: round(18000 + 9000 * rnd(`p${i}`), 2), ts: NOW - (state === 'silent' ? 9e6 : 1000 * (i % 60)) },
    received: NOW - 1000, state, rules: 0, readings: 31000 + i * 17, duplicates: i % 7, late: i % 3, refused: i % 53 === 0 ? 2 : 0 });
}
function wave(key, ts) {
  const h = ((ts + 8 * 3600e3) / 3600e3) % 24;
  return 1 + 0.22 * Math.sin(((h - 8) / 24) * 2 * Math.PI) + 0.1 * (h > 8 && h < 20 ? 1 : 0) + 0.12 * (rnd(`${key}${Math.floor(ts / 900e3)}`) - 0.5);
}
function load(id, q) {
  const from = Math.floor(Date.parse(q.get('from')) / 900e3) * 900e3;
  const to = Date.parse(q.get('to'));
  const base = (sizeOf(id) || 4e4) * 0.105;
  const v = [];
  const estimated = [];
  let peak = null;
  for (let t = from; t < to; t += 900e3) {
    const slot = Math.floor(t / 900e3) % 96;
    const y = slot === 9 ? null : round(base * wave(id, t), 2);
    if (slot >= 30 && slot < 35) estimated.push(v.length);
    if (y !== null && (!peak || y > peak.value)) peak = { value: y, at: new Date(t + 8 * 3600e3).toISOString().replace('.000Z', '+08:00') };
    v.push(y);
  }
  return { unit: 'kW', step_s: 900, t0: from, v, estimated, peak };
}
function series(id, q) {
  const p = POINTS.find((x) => String(x.point) === id);
  if (!p) return null;
  const from = Date.parse(q.get('from'));
  const to = Date.parse(q.get('to'));
  const n = 288;
  const step = (to - from) / n;
  const buckets = [];
  for (let i = 0; i < n; i++) {
    const t = from + i * step;
    const m = 320 * wave(p.key, t);
    buckets.push(i > 100 && i < 108 ? null : [Math.round(t), round(m * 0.93, 2), round(m * (i === 200 ? 1.8 : 1.06), 2), round(m, 2), 5]);
  }
  return { point: p.point, key: p.key, unit: p.unit, kind: p.kind, from, to, t0: from, step_s: step / 1000, buckets };
}
function balance(id) {
  if (id !== 'u001') return [];
  return [['1', '35 kV 一线进线', '35 kV feeder 1', 'electricity', 412000000, 405600000, 4120000], ['2', '天然气总表', 'Natural gas main', 'natural_gas', 18240000, 17100000, 91200], ['3', '焦炉煤气总管', 'Coke oven gas main', 'coke_oven_gas', 210000000, 203400000, 1050000]]
    .map(([point, name_zh, name_en, carrier, parent_value, children_value, loss]) => {
      const residual = parent_value - children_value - loss;
      const share = round(residual / parent_value, 6);
      return { point: Number(point), name_zh, name_en, carrier, parent_value, children_value, loss, residual, share, state: Math.abs(share) > 0.05 ? 'bad' : Math.abs(share) > 0.02 ? 'warn' : 'ok' };
    });
}
const alarms = [[5101, 3, 'limit', 1, 33200, 30000], [5102, 60, 'rate', 1, 27411, 20000], [5103, 37, 'silent', 1, 0, 0], [5104, 74, 'silent', 1, 0, 0], [5090, 8, 'stuck', 0, 0, 0], [5080, 12, 'balance', 0, 0.071, 0.05]]
  .map(([id, point, kind, active, value, limit], i) => {
    const p = POINTS[point - 1];
    return { id, point, name_zh: p.name_zh, name_en: p.name_en, subject: p.subject, kind, active: Boolean(active), at: NOW - (i + 1) * 2.3e6, value: kind === 'silent' || kind === 'stuck' ? null : value, limit: kind === 'silent' || kind === 'stuck' ? null : limit,
      ack: id === 5102 ? { by: '张某', at: NOW - 6e5, note: '已通知值班班长' } : null };
  });
const LINKS = [['telegraf-a', 'http', 'lineproto', 'up', 12, 18211000, 3, 212.4], ['port-gateway', 'port', 'mqtt', 'up', 4, 5120400, 0, 61.2], ['boiler 7', 'works', 'modbus', 'backoff', 902, 902000, 11, 4.8], ['91210800QF00000011', 'province', 'necc', 'up', 40, 8640, 2, 0.1]];
const COLLECTORS = { collectors: [{ name: 'port', protocol: 'mqtt', where: '127.0.0.1:1883', port: 1883, error: null }, { name: 'province', protocol: 'necc', where: '0.0.0.0:8443', port: 8443, error: null }, { name: 'old', protocol: 'hj212', where: '', port: 0, error: { zh: 'old.ini 第 3 行：没有键 lisen', en: 'old.ini line 3: has no key lisen' } }],
  links: LINKS.map(([name, collector, protocol, state, ago, taken, refused, per_minute]) => ({ collector, protocol, name, peer: '10.0.0.9:5001', state, since: NOW - 8.6e6, last_seen: NOW - ago * 1000, messages: 12, bytes: 900, taken, refused, per_minute,
    note: collector === 'province' ? { zh: '2026-11：已上传 8640／应传 9120，94.7 %', en: '2026-11: 8640 of 9120 sent, 94.7 %' } : null,
    refusal: refused ? { at: NOW - 6e5, zh: '应答超时', en: 'no answer in time', raw_hex: '23230130', raw_text: '##.0' } : null })) };

const NECC = { platforms: [{ collector: 'province', month: '2026-11', aim: 0.9, units: [['91210800QF00000011', '甲厂', 9120, 8640], ['91210800QF00000024', '', 2112, 1200], ['91210800QF10000004', '新单位', 0, 0]]
  .map(([unit, name, expected, received]) => ({ unit, name, expected, received, share: expected ? round(received / expected, 4) : null })) }] };
const work = makeWork({ units: UNITS, now: NOW });
let user = null;
let streams = 0; // open event streams
function city() {
  return { id: undefined, name: { zh: '演示市', en: 'Demo City' }, sample: true, now: '2026-11-22T23:00:00+08:00', seq: 8841207, latest_month: '2026-11', districts: DISTRICTS, online: { points: 214, fresh: 209 }, user: user || (work.state.user ? { name: work.state.user[1] } : null), csrf: user || work.state.user ? 'csrf-of-the-fixture' : undefined };
}
const page = (items, q) => { const size = Number(q.get('size') || 100); const n = Number(q.get('page') || 1); return { items: items.slice((n - 1) * size, n * size), total: items.length, page: n, size }; };
const has = (s, w) => String(s || '').toLowerCase().includes(w);
const ROUTES = [
  ...work.ROUTES,
  [/^\/city$/, city],
  [/^\/catalogue$/, () => CAT],
  [/^\/figures$/, (m, q) => CAT.filter((c) => !q.get('area') || c.area === q.get('area')).map((c) => figure(c.id, q)).filter((f) => !q.get('subject') || f.value !== null)],
  [/^\/figures\/([^/]+)$/, (m, q) => figure(m[1], q)],
  [/^\/figures\/([^/]+)\/trend$/, (m, q) => trend(m[1], q)],
  [/^\/why\/([^/]+)$/, (m, q) => why(m[1], q)],
  [/^\/subjects$/, (m, q) => SUBJECTS.filter((s) => (!q.get('parent') || s.parent === q.get('parent')) && (!q.get('kind') || s.kind === q.get('kind')))],
  [/^\/subjects\/([^/]+)$/, (m) => {
    const s = byId.get(m[1]);
    if (!s) return null;
    const path = [];
    for (let a = byId.get(s.parent); a; a = byId.get(a.parent)) path.unshift(a);
    return { ...s, path, children: SUBJECTS.filter((x) => x.parent === s.id), limits: s.id === 'u001' ? LIMITS : [] };
  }],
  [/^\/subjects\/([^/]+)\/sankey$/, (m) => (byId.has(m[1]) ? sankey(m[1]) : null)],
  [/^\/points$/, (m, q) => {
    const w = (q.get('q') || '').toLowerCase();
    const s = q.get('subject');
    const rows = POINTS.filter((p) => (!s || p.subject === s || (p.subject || '').startsWith(`${s}.`)) && (!q.get('state') || p.state === q.get('state')) && (!w || has(p.key, w) || has(p.name_zh, w) || has(p.name_en, w)));
    const size = Number(q.get('size') || 50);
    const page = Number(q.get('page') || 1);
    return { total: rows.length, rows: rows.slice((page - 1) * size, page * size) };
  }],
  [/^\/series\/([^/]+)$/, (m, q) => series(m[1], q)],
  [/^\/load\/([^/]+)$/, (m, q) => load(m[1], q)],
  [/^\/balance\/([^/]+)$/, (m) => balance(m[1])],
  [/^\/barometer$/, () => []],
  [/^\/alarms$/, (m, q) => {
    const s = q.get('subject');
    const rows = alarms.filter((a) => (!q.get('active') || a.active) && (!s || a.subject === s || String(a.subject).startsWith(`${s}.`)));
    return { total: rows.length, rows };
  }],
  [/^\/records\/factor$/, (m, q) => page([...FACTORS.map(([f, edition, value, unit, source, clause, name_zh, name_en]) => ({ id: `${f}@${edition}`, factor: f, edition, value, unit, region: null, valid_from: '2021-04-01', valid_to: null, source, clause, certainty: 'V', name_zh, name_en, note: null, version: 1, by: 'pack', seq: 2 })), ...work.state.factors], q)],
  [/^\/publications$/, (m, q) => page(q.get('figure') === 'industry.energy_total' ? [{ id: 'p1', figure: 'industry.energy_total', subject: '210800', period: { from: '2026-09', to: '2026-09' }, value: String(PUBLISHED.value), unit: 'tce', factors: ['k.electricity@1'], version: 1, by: 'qian', at: PUBLISHED.at, seq: 8839000, current: true }] : [], q)],
  [/^\/collectors$/, () => COLLECTORS],
  [/^\/necc$/, () => NECC],
  [/^\/open$/, () => ({ day: '2026-11-22', readings: [{ plant: '样例焚烧发电厂1', kind: 'waste_to_energy', label: { zh: '发电功率', en: 'Power' }, unit: 'kW', value: 94921, at: NOW - 4000 }], days: [{ plant: '样例污水处理厂2', kind: 'sewage', held: '2025-06-14', viewers: 18235 }],
    figures: [{ id: 'buildings.green_starts_area', title: { zh: '新开工绿色建筑', en: 'Green starts' }, unit: 'm2', scope: { zh: '民用建筑', en: 'Civil buildings' }, decimals: 0, order: 5, period: { from: '2025-01', to: '2025-12' }, value: 413200, hidden: false,
      districts: DISTRICTS.map((x, i) => ({ id: x.id, label: { zh: x.name_zh, en: x.name_en }, value: i % 3 ? 80000 + i : null, hidden: i % 3 === 0 })) }] })],
];

function answer(path, q) {
  for (const [re, fn] of ROUTES) {
    const m = re.exec(path);
    if (m) return fn(m.map((x) => (x === undefined ? x : decodeURIComponent(x))), q);
  }
  return null;
}
function csv(data) {
  const find = (d) => (Array.isArray(d) ? d : Object.values(d || {}).find((x) => Array.isArray(x) && x.length) || []);
  const rows = find(data);
  const cols = rows.length && !Array.isArray(rows[0]) && rows[0] !== null ? Object.keys(rows[0]) : ['value'];
  const cell = (v) => `"${(v === null || v === undefined ? '' : typeof v === 'object' ? JSON.stringify(v) : String(v)).replace(/"/g, '""')}"`;
  return '\uFEFF' + [cols.join(','), ...rows.map((r) => cols.map((c) => cell(typeof r === 'object' && r ? r[c] : r)).join(','))].join('\r\n');
}
const send = (res, status, type, body, extra = {}) => {
  res.writeHead(status, { 'Content-Type': type, 'Content-Security-Policy': CSP, 'X-Content-Type-Options': 'nosniff', 'Cache-Control': 'no-cache', ...extra });
  res.end(body);
};
const json = (res, data, status = 200) => send(res, status, 'application/json; charset=utf-8', JSON.stringify(data));
const fault = (res, status, code, zh, en) => json(res, { error: { code, message_zh: zh, message: en, where: {}, request_id: 'fixture' } }, status);
async function body(req) {
  let s = '';
  for await (const c of req) s += c;
  try {
    return s ? JSON.parse(s) : {};
  } catch {
    return {}; // a file
  }
}

async function api(req, res, path, q) {
  if (req.method === 'POST' || req.method === 'PUT') {
    const b = await body(req);
    const done = work.post(req.method, decodeURIComponent(path), q, b, req.headers);
    if (done && done.csv) return send(res, 200, 'text/csv; charset=utf-8', done.csv);
    if (done) return send(res, done.status, 'application/json; charset=utf-8', JSON.stringify(done.body), done.etag ? { ETag: done.etag } : {});
    if (path === '/login') {
      if (b.token !== 'fixture-token') return fault(res, 401, 'denied', '令牌无效或已过期', 'the token is not valid or has expired');
      user = { name: '李某', role: 'operator' };
      return json(res, { ok: true });
    }
    if (path === '/logout') {
      user = null;
      return json(res, { ok: true });
    }
    const m = /^\/alarms\/(\d+)\/ack$/.exec(path);
    const a = m && alarms.find((x) => x.id === Number(m[1]));
    if (!a) return fault(res, 404, 'not_found', '没有这条告警', 'no such alarm');
    if (!user || req.headers['x-qf-csrf'] !== 'csrf-of-the-fixture') return fault(res, 403, 'denied', '请先登录', 'please log in first');
    a.ack = { by: user.name, at: NOW, note: b.note };
    return json(res, { ok: true });
  }
  if (path === '/stream') {
    res.writeHead(200, { 'Content-Type': 'text/event-stream', 'Cache-Control': 'no-cache' });
    streams++;
    let seq = 8841207;
    const tick = () => res.write(`id: ${++seq}\nevent: live\ndata: ${JSON.stringify({ seq, points: [{ id: 1, value: round(18000 + 10 * rnd(`s${seq}`), 2), ts: NOW }], alarms: [], generation: seq })}\n\n`);
    tick();
    const timer = setInterval(tick, 1000);
    req.on('close', () => { clearInterval(timer); streams--; });
    return undefined;
  }
  if (path === '/export') {
    const v = new URL(q.get('view') || '/', 'http://x');
    const data = answer(v.pathname.replace(/^\/api\/v1/, ''), v.searchParams);
    if (data === null) return fault(res, 404, 'not_found', '没有这个视图', 'no such view');
    if (q.get('format') === 'xlsx') return fault(res, 501, 'not_implemented', '测试夹具不做 XLSX', 'the fixture makes no XLSX');
    return send(res, 200, 'text/csv; charset=utf-8', csv(data), { 'Content-Disposition': 'attachment; filename="export.csv"' });
  }
  const no = work.gate(path);
  if (no) return json(res, no.body, no.status);
  const data = answer(path, q);
  const v = /^\/filings\/[^/]+$/.test(path) ? work.version(decodeURIComponent(path.slice(9))) : null;
  if (v !== null) res.setHeader('ETag', `"${v}"`);
  return data === null ? fault(res, 404, 'not_found', '没有找到', 'not found') : json(res, data);
}

async function file(res, path) {
  const name = /^\/(e|m|f)(\/|$)/.test(path) || !extname(path) ? '/index.html' : path; // figure and process ids have dots
  const full = normalize(join(DIST, name));
  if (!full.startsWith(DIST)) return send(res, 404, 'text/plain', 'no');
  try {
    return send(res, 200, TYPES[extname(full)] || 'application/octet-stream', await readFile(full));
  } catch {
    return send(res, 404, 'text/plain', 'no such file');
  }
}

/** @param {number} port 0: any free one @returns {Promise<{url: string, streams: () => number, close: () => Promise<void>}>} */
export function serve(port = 0) {
  const server = createServer((req, res) => {
    const u = new URL(req.url, 'http://x');
    const done = u.pathname.startsWith('/api/v1/') ? api(req, res, u.pathname.slice(7), u.searchParams) : u.pathname === '/openapi.json' ? json(res, {}) : file(res, u.pathname);
    Promise.resolve(done).catch((e) => { if (!res.headersSent) fault(res, 500, 'internal', String(e), String(e)); });
  });
  return new Promise((ok) => server.listen(port, '127.0.0.1', () => ok({ url: `http://127.0.0.1:${server.address().port}`, streams: () => streams, work, close: () => new Promise((r) => { server.closeAllConnections(); server.close(r); }) })));
}

if (process.argv[1] === fileURLToPath(import.meta.url)) serve(Number(process.argv[2] || 0)).then((s) => console.log(s.url));
