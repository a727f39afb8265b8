/* Monthly values of a figure as a card: in all, or by subject, carrier or scope; last year beside it. */
import { html } from '../lib/lit.js';
import { t, nm, word, has } from '../lib/i18n.js';
import { q } from '../lib/api.js';
import { num, scaleFor } from '../lib/format.js';
import { monthIndex, monthText } from '../lib/period.js';
import { family } from '../lib/theme.js';
import { card } from './card.js';
import { table, source, ncol } from './bits.js';
import { byKey, flat } from './rank.js';
import { months } from './options.js';

/** Name of a broken-down row: the server's words, else ours for carriers. */
const rowName = (r, by) => (r.name && (r.name.zh || r.name.en || typeof r.name === 'string') ? nm(r.name) : by === 'carrier' && has(`carrier.${r.key}`) ? word('carrier', r.key) : r.key || '');

/** Groups aligned to a list of months; beyond seven the rest is summed as "others". */
export function groups(rows, list, by) {
  const at = new Map(list.map((m, i) => [m, i]));
  const out = byKey(rows).map((g) => {
    const values = list.map(() => null);
    const est = list.map(() => null);
    for (const r of g.rows) {
      const i = at.get(r.month);
      if (i === undefined || r.value === null || r.value === undefined) continue;
      values[i] = (values[i] || 0) + Number(r.value);
      est[i] = (est[i] || 0) + (Number(r.estimated) || 0);
    }
    return { key: g.key, name: rowName(g, by), values, est, sum: values.reduce((a, v) => a + Math.abs(v || 0), 0) };
  }).sort((a, b) => b.sum - a.sum);
  if (out.length <= 8) return out;
  const rest = out.slice(7);
  const add = (k) => list.map((_, i) => rest.reduce((a, g) => (g[k][i] === null ? a : (a || 0) + g[k][i]), null));
  return [...out.slice(0, 7), { key: '*', name: t('trend.others', { n: rest.length }), values: add('values'), est: add('est'), sum: 0 }];
}

/** Carriers in the colour of their family; several of one family become lighter step by step, and stand together. */
function inColours(list, tk) {
  const seen = new Map();
  const order = Object.keys(tk.c);
  return list.map((g) => ({ ...g, f: family(g.key) })).sort((a, b) => order.indexOf(a.f) - order.indexOf(b.f)).map((g) => {
    const n = seen.get(g.f) || 0;
    seen.set(g.f, n + 1);
    return { ...g, color: mix(tk.c[g.f], tk.surface, Math.min(0.62, n * 0.3)) };
  });
}
/** a with a share of b; both #RRGGBB. */
function mix(a, b, share) {
  const v = (s, i) => parseInt(s.slice(1 + 2 * i, 3 + 2 * i), 16);
  return '#' + [0, 1, 2].map((i) => Math.round(v(a, i) * (1 - share) + v(b, i) * share).toString(16).padStart(2, '0')).join('');
}

/** @param {import('../lib/page.js').Page} page
 * @param {{id: string, cls: string, figure: string, subject: ?string, by: string, title: string, unit?: string, kind?: string, tools?: unknown}} o */
export function monthsCard(page, o) {
  const p = page.period;
  // a single month says little: show it with the eleven before it
  const from = p.from === p.to ? p.to - 11 : p.from;
  const list = [];
  for (let i = from; i <= p.to; i++) list.push(monthText(i));
  const path = q(`/figures/${o.figure}/trend`, { period: `${monthText(from)}..${monthText(p.to)}`, subject: o.subject, by: o.by });
  page.need(o.id, path);
  const compare = (page.q.get('cmp') || 'yoy') === 'yoy' && o.by === 'month';
  const last = page.need(`${o.id}.last`, compare ? q(`/figures/${o.figure}/trend`, { period: `${monthText(from - 12)}..${monthText(p.to - 12)}`, subject: o.subject, by: 'month' }) : null);
  const unit = o.unit || 'tce';
  const line = Boolean(o.kind) && o.kind !== 'sum';
  const rows = flat(page.slots.get(o.id).data || []);
  const sums = new Map();
  for (const r of rows) sums.set(r.month, (sums.get(r.month) || 0) + (Number(r.value) || 0));
  const s = line ? { div: 1, unit: scaleFor(0, unit).unit } : scaleFor(Math.max(0, ...sums.values()), unit);
  const name = (m) => (list.every((x) => x.slice(0, 4) === list[0].slice(0, 4)) ? t('month.short', { n: Number(m.slice(5)) }) : m.slice(2).replace('-', '.'));
  const over = (a) => a.map((v) => (v === null ? null : v / s.div));
  const lastYear = () => {
    const m = new Map((last.data || []).map((r) => [monthIndex(r.month) + 12, r.value]));
    const v = list.map((x) => (m.get(monthIndex(x)) === undefined ? null : m.get(monthIndex(x))));
    return v.some((x) => x !== null) ? over(v) : null;
  };
  const draw = (data) => {
    const g = groups(data, list, o.by).map((x) => ({ ...x, values: over(x.values), est: over(x.est), name: o.by === 'month' ? t('trend.this') : x.name }));
    const make = (tk) => months({ months: list.map(name), series: o.by === 'carrier' ? inColours(g, tk) : g, last: compare ? lastYear() : null, unit: s.unit, line })(tk);
    return html`<qf-chart .make=${make}
      .label=${sentence(o, sums, s)}></qf-chart>`;
  };
  const by = o.by !== 'month';
  return card(page, {
    id: o.id, cls: o.cls, title: o.title, unit: s.unit, slot: o.id, api: path, tools: o.tools, empty: (d) => d.length === 0, chart: draw,
    table: (d) => table({ caption: o.title, api: path, rows: flat(d), columns: [
      { label: t('col.month'), head: true, raw: (r) => r.month, cell: (r) => r.month }, ...(by ? [{ label: t(`by.${o.by}`), cell: (r) => rowName(r, o.by) }] : []),
      ncol(t('col.value'), s.unit, 'value', s.div, line ? 3 : 2), ncol(t('quality.estimated'), s.unit, 'estimated', s.div, line ? 3 : 2)] }),
    source: () => source([[t('src.api'), html`<code>/api/v1${path}</code>`], [t('src.figure'), o.figure], [t('src.unit'), unit]]),
  });
}

function sentence(o, sums, s) {
  const v = [...sums.entries()].filter((x) => x[1] > 0);
  if (!v.length) return `${o.title} `;
  const hi = v.reduce((a, b) => (b[1] > a[1] ? b : a));
  const lo = v.reduce((a, b) => (b[1] < a[1] ? b : a));
  return `${o.title}: ${t('trend.sentence', { hi: hi[0], hiv: `${num(hi[1] / s.div)} ${s.unit}`, lo: lo[0], lov: `${num(lo[1] / s.div)} ${s.unit}` })} `;
}
