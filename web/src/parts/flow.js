/* Energy flow of a subject as a Sankey card. */
import { html, nothing } from '../lib/lit.js';
import { t, nm, word } from '../lib/i18n.js';
import { q } from '../lib/api.js';
import { num, pct, scaleFor } from '../lib/format.js';
import { tokens, family } from '../lib/theme.js';
import { card } from './card.js';
import { table, source } from './bits.js';
import { sankey } from './options.js';

const inflow = (d) => {
  const targets = new Set(d.links.map((l) => l.target));
  return d.links.filter((l) => !targets.has(l.source)).reduce((s, l) => s + l.value, 0);
};

function key(d) {
  const tk = tokens();
  const seen = [...new Set(d.links.map((l) => family(l.carrier || '')))];
  const box = (f) => html`<svg width="11" height="11" aria-hidden="true"><rect width="11" height="11" rx="2" fill=${tk.c[f]} stroke=${tk.control}></rect></svg>`;
  return html`<div class="key">${seen.map((f) => html`<span>${box(f)} ${t(`family.${f}`)}</span>`)}</div>`;
}

/** A last column that only collects everything ("net use") says nothing in a picture; the table keeps it. */
export function drawn(d) {
  const ends = d.nodes.filter((n) => (n.layer || 0) >= 2);
  const all = ends.length !== 1 || ends[0].id !== 'used';
  return fewer(all ? d : { ...d, nodes: d.nodes.filter((n) => n.id !== 'used'), links: d.links.filter((l) => l.target !== 'used') });
}

const SOURCES = 8;
/** Beyond eight sources the smallest are drawn as one; the table keeps them apart. */
function fewer(d) {
  const sum = new Map();
  for (const l of d.links) sum.set(l.source, (sum.get(l.source) || 0) + l.value);
  const first = d.nodes.filter((n) => (n.layer || 0) === 0).sort((a, b) => (sum.get(b.id) || 0) - (sum.get(a.id) || 0));
  if (first.length <= SOURCES) return d;
  const rest = new Set(first.slice(SOURCES - 1).map((n) => n.id));
  const merged = new Map();
  for (const l of d.links) {
    const k = rest.has(l.source) ? `*|${l.target}` : `${l.source}|${l.target}|${l.carrier}`;
    const m = merged.get(k);
    if (m) m.value += l.value;
    else merged.set(k, rest.has(l.source) ? { ...l, source: 'in:*', carrier: '*' } : { ...l });
  }
  const words = t('trend.others', { n: rest.size });
  return { ...d, nodes: [...d.nodes.filter((n) => !rest.has(n.id)), { id: 'in:*', name: { zh: words, en: words }, layer: 0, group: 'other' }], links: [...merged.values()] };
}

/** In minus out, where something is metered as going out again; else all that comes in is simply used. */
const residual = (d) => (d.residual === null || d.residual === undefined || d.out === 0 ? null : d.residual);

/** @param {import('../lib/page.js').Page} page @param {?string} subject @param {string} cls */
export function flowCard(page, subject, p, cls, title) {
  const path = subject ? q(`/subjects/${subject}/sankey`, { period: p.text }) : null;
  const r = page.need('flow', path);
  const s = r.data ? scaleFor(inflow(r.data), 'tce') : { div: 1, unit: '' };
  const name = (d, id) => nm((d.nodes.find((n) => n.id === id) || { name: id }).name);
  const sentence = (d) => {
    const big = d.links.reduce((a, l) => (!a || l.value > a.value ? l : a), null);
    return `${title}: ${t('flow.sentence', { total: `${num(inflow(d) / s.div)} ${s.unit}`, a: big ? name(d, big.source) : '—', b: big ? name(d, big.target) : '—',
      v: big ? `${num(big.value / s.div)} ${s.unit}` : '—' })} `;
  };
  return card(page, {
    id: 'flow', cls, title, unit: s.unit ? `${s.unit} (${t('basis.calorific')})` : '', slot: 'flow', api: path, empty: (d) => !d.links || d.links.length === 0,
    chart: (d) => html`<div class="wide"><qf-chart class=${drawn(d).nodes.length > 18 ? 'tall' : ''} .make=${sankey(drawn(d), s.div, s.unit)} .label=${sentence(d)}></qf-chart></div>${key(drawn(d))}`,
    table: (d) => table({ caption: title, api: path, rows: d.links, columns: [
      { label: t('col.from'), head: true, cell: (l) => name(d, l.source) }, { label: t('col.to'), cell: (l) => name(d, l.target) },
      { label: t('col.carrier'), cell: (l) => word('carrier', l.carrier) },
      { label: t('col.amount'), unit: s.unit, num: true, raw: (l) => l.value, cell: (l) => num(l.value / s.div, 3) },
      { label: t('col.share'), num: true, cell: (l) => pct(l.value / inflow(d)) }] }),
    source: (d) => source([[t('src.api'), html`<code>/api/v1${path}</code>`], [t('src.what'), t('flow.note')],
      [t('flow.residual'), residual(d) === null ? null : `${num(residual(d) / s.div)} ${s.unit}`], [t('src.seq'), num(page.city.seq, 0)]]),
    foot: r.data && residual(r.data) !== null ? html`<span>${t('flow.residual')} ${num(residual(r.data) / s.div)} ${s.unit}</span>` : nothing,
  });
}
