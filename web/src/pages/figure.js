/* 指标溯源: why is it this number, and would I sign it? */
import { html, nothing } from '../lib/lit.js';
import { Page } from '../lib/page.js';
import { t, nm, word } from '../lib/i18n.js';
import { q } from '../lib/api.js';
import { href, same, patch, go } from '../lib/url.js';
import { num, signed, pct, unitName, stamp } from '../lib/format.js';
import { periodName } from '../lib/period.js';
import { view } from '../parts/states.js';
import { card } from '../parts/card.js';
import { recordsOf } from '../lib/filing.js';
import { table, source, level, shares, qualityText, flagWord } from '../parts/bits.js';
import { monthsCard } from '../parts/trend.js';
import { shown, yoyText, yoyBasis } from '../parts/tile.js';
import { copyText } from '../parts/copy.js';
import { publishedCard } from '../parts/published.js';
import '../parts/why.js';

const BY = ['month', 'child', 'carrier'];

/** Factors named in a why tree, with what the tree says of them. */
export function factorsIn(node, out = new Map()) {
  if (!node) return out;
  const r = node.ref || {};
  if (node.kind === 'factor' && r.factor && !out.has(r.factor)) out.set(r.factor, { id: r.factor, value: node.value, unit: node.unit, clause: r.clause, label: node.label });
  for (const c of node.children || []) factorsIn(c, out);
  return out;
}

class PageFigure extends Page {
  get follows() {
    return true;
  }

  render() {
    const { id } = this.route;
    const p = this.period;
    const d = this.q.get('d');
    const ask = { period: p.text, subject: d };
    const path = q(`/figures/${id}`, ask);
    const f = this.need('figure', path);
    this.need('catalogue', '/catalogue');
    const fig = f.data;
    const by = BY.includes(this.q.get('by')) ? this.q.get('by') : 'month';
    return html`<div class="head"><h1>${fig ? nm(fig.title) : id}</h1><span class="sub">${this.where(d)} · ${periodName(p.from, p.to)}</span><span class="grow"></span>${this.chooser(id)}</div>
      ${f.state === 'error' && !fig ? view(this, 'figure', () => nothing) : html`<div class="grid">
      <section class="card c12" data-card="figure" aria-label=${t('fig.value')}>${view(this, 'figure', (x) => this.hero(x))}</section>
      <div class="c7 stack">${this.why(id, ask)}${this.factors(path)}</div><div class="c5 stack">
      ${fig ? monthsCard(this, { id: 'trend', cls: '', figure: id, subject: d, by, title: t('fig.trend'), unit: fig.unit, kind: this.kind(id), tools: this.byTools(by) }) : nothing}
      ${publishedCard(this, id, d)}${this.scope(path)}</div></div>`}`;
  }

  where(d) {
    if (!d) return nm(this.city.name);
    const x = (this.city.districts || []).find((k) => k.id === d);
    if (x) return nm(x);
    const f = this.slots.get('figure').data;
    if (f && f.subject === d && f.subject_name) return html`<a href=${href(`/e/${d}`)}>${nm(f.subject_name)}</a>`;
    const s = this.need('where', `/subjects/${encodeURIComponent(d)}`);
    return s.data ? html`<a href=${href(`/e/${d}`)}>${nm(s.data)}</a>` : d;
  }

  kind(id) {
    const c = (this.slots.get('catalogue').data || []).find((x) => x.id === id);
    return c ? c.kind : undefined;
  }

  chooser(id) {
    const list = this.slots.get('catalogue').data || [];
    return html`<label class="dim">${t('fig.choose')} <select id="choose" @change=${(e) => go(href(`/m/${e.target.value}`))}>${list.map((c) => html`<option value=${c.id}
      ?selected=${c.id === id}>${nm(c.title)}</option>`)}</select></label>`;
  }

  byTools(by) {
    return html`<select id="by" aria-label=${t('fig.by')} @change=${(e) => patch({ by: e.target.value === 'month' ? null : e.target.value })}>${BY.map((k) => html`<option value=${k}
      ?selected=${k === by}>${t(`by.${k}`)}</option>`)}</select>`;
  }

  hero(f) {
    const s = shown(f);
    const sh = shares(f.quality);
    const cite = t('cite.text', { title: nm(f.title), value: f.value === null ? '—' : f.value, unit: f.unit, period: periodName(this.period.from, this.period.to), where: this.q.get('d') || nm(this.city.name),
      seq: f.seq, url: location.origin + same({ lang: null, theme: null }) });
    return html`<div class="hero"><div><div class="v" data-v=${f.value === null ? '' : f.value}>${s.text} <small>${s.unit}</small></div>
      <p class="dim">${f.at ? html`${t('fig.at')} ${stamp(f.at)} ` : nothing}${f.value === null || (s.div === 1 && Number(s.text.replace(/,/g, '').replace('−', '-')) === Number(f.value)) ? '' : `= ${Number(f.value).toLocaleString('en-US', { maximumFractionDigits: 9 })} ${unitName(f.unit) || f.unit}`}</p></div>
      <dl class="facts"><div><dt>${t('fig.level')}</dt><dd>${level(f)}</dd></div>
        <div><dt>${t('fig.target')}</dt><dd>${num(f.target === null || f.target === undefined ? null : f.target / s.div, s.dec)}</dd></div>
        <div><dt>${t('fig.gap')}</dt><dd>${signed(f.gap === null || f.gap === undefined ? null : f.gap / s.div, s.dec)}</dd></div>
        <div><dt>${t('fig.yoy')}</dt><dd title=${yoyBasis(f)}>${yoyText(f)}</dd></div>
        <div><dt>${t('fig.complete')}</dt><dd>${pct(f.completeness)}</dd></div>
        <div><dt>${t('col.quality')}</dt><dd class="small">${sh ? html`${qualityBar(sh)}${qualityText(sh)}` : '—'}</dd></div></dl></div>
      <div class="cardfoot">${(f.flags || []).map((x) => html`<span class="tag hatch">${flagWord(x)}</span>`)}<span class="grow"></span>
        <span class="out"><button @click=${() => copyText(cite)}>${t('do.cite')}</button><a href=${`/api/v1${this.slots.get('figure').path}`}>JSON</a></span></div>`;
  }

  why(id, ask) {
    const root = this.q.get('why');
    const path = q(`/why/${id}`, { ...ask, depth: '2', path: root });
    this.need('why', path);
    return card(this, {
      id: 'why', cls: '', noPng: true, title: t('fig.why'), slot: 'why', api: path,
      chart: (tree) => html`${root ? html`<p class="small"><a href=${same({ why: null })}>${t('why.top')}</a> › <code>${root}</code></p>` : nothing}
        <qf-why .root=${tree} .figure=${id} .ask=${ask}></qf-why>`,
      table: (tree) => table({ caption: nm(tree.label), api: path, rows: flat(tree), columns: [
        { label: t('why.node'), head: true, cell: (r) => `${'\u2003'.repeat(r.depth)}${nm(r.label)}` }, { label: t('why.kind'), cell: (r) => word('kind', r.kind) },
        { label: t('col.value'), num: true, raw: (r) => r.value, cell: (r) => num(r.value, 3) }, { label: t('src.unit'), cell: (r) => unitName(r.unit) },
        { label: t('col.quality'), cell: (r) => (r.quality ? word('quality', r.quality) : '') }] }),
      source: () => source([[t('src.api'), html`<code>/api/v1${path}</code>`], [t('src.rule'), t('why.rule')]]),
    });
  }

  factors(path) {
    const f0 = this.slots.get('figure').data;
    const bare = f0 && (f0.factors || []).some((x) => x.value === undefined);
    const known = new Map([...factorsIn(this.slots.get('why').data), ...records(this.need('register', bare ? '/records/factor?page=1&size=500' : null).data)]);
    return card(this, {
      id: 'factors', cls: '', title: t('fig.factors'), slot: 'figure', api: path, empty: (f) => !f.factors || f.factors.length === 0, hint: t('fig.no_factors'),
      table: (f) => table({ api: path, rows: f.factors.map((x) => ({ ...(known.get(`${x.id}@${x.version}`) || known.get(x.id) || {}), ...x })), columns: [
        { label: t('why.factor'), head: true, raw: (r) => r.id, cell: (r) => html`<code class="nowrap">${r.id}</code>${r.name_zh || r.name_en || r.name ? html`<br>${r.name ? nm(r.name) : nm(r)}` : nothing}` },
        { label: t('col.version'), raw: (r) => r.version, cell: (r) => html`${r.version === undefined ? '—' : `v${r.version}`}${r.valid_from ? html`<br><span class="small dim nowrap">${t('factor.from', { d: r.valid_from })}</span>` : nothing}` },
        { label: t('col.value'), num: true, cell: (r) => html`${num(r.value, undefined) === '—' ? '—' : Number(r.value)} <small class="dim">${unitName(r.unit)}</small>` },
        { label: t('src.clause'), cell: (r) => [r.source, r.clause].filter(Boolean).join(' · ') || '—' }] }),
      source: () => source([[t('src.api'), html`<code>/api/v1${path}</code>`], [t('src.rule'), t('fig.factor_rule')]]),
    });
  }

  scope(path) {
    return card(this, {
      id: 'scope', cls: '', title: t('fig.scope'), slot: 'figure', api: path,
      table: (f) => source([[t('src.scope'), f.scope ? nm(f.scope) : null], [t('src.clause'), f.clause || ((this.slots.get('catalogue').data || []).find((c) => c.id === f.id) || {}).clause],
        [`${t('fig.numerator')}${f.unit === '%' ? t('fig.times100') : ''}`, f.numerator === undefined ? null : num(f.numerator, 3)], [t('fig.denominator'), f.denominator === undefined || f.denominator === null ? null : num(f.denominator, 3)],
        [t('fig.complete'), pct(f.completeness)], [t('fig.yoy'), f.yoy ? `${yoyText(f)}${yoyBasis(f) ? ` · ${yoyBasis(f)}` : ''}` : '—'],
        [t('fig.level'), t('fig.level_rule')], [t('fig.flags'), (f.flags || []).length ? f.flags.map(flagWord).join('; ') : t('fig.no_flags')], [t('src.seq'), num(f.seq, 0)], ['ID', html`<code>${f.id}</code>`]]),
      source: () => source([[t('src.api'), html`<code>/api/v1${path}</code>`], [t('src.rule'), t('foot.rule')]]),
    });
  }
}

/** The factor register as [id, record]. */
export const records = (d) => recordsOf(d).map((r) => [r.id, r]);

/** Measured solid, filed lighter, estimated hatched. */
function qualityBar(s) {
  const x = [0, s.measured * 100, (s.measured + s.filed) * 100];
  return html`<svg class="bar" viewBox="0 0 100 6" preserveAspectRatio="none" aria-hidden="true"><rect class="q-m" x="0" width=${x[1]} height="6"></rect>
    <rect class="q-f" x=${x[1]} width=${s.filed * 100} height="6"></rect><rect class="q-e" x=${x[2]} width=${s.estimated * 100} height="6"></rect></svg>`;
}

function flat(node, depth = 0, out = []) {
  out.push({ ...node, depth });
  for (const c of node.children || []) flat(c, depth + 1, out);
  return out;
}
customElements.define('page-figure', PageFigure);
