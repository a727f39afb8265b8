/* 领域: one area of the city: its figures in the order of the report, what they say of themselves, and the records behind them. */
import { html, nothing } from '../lib/lit.js';
import { Page } from '../lib/page.js';
import { t, nm, word } from '../lib/i18n.js';
import { q } from '../lib/api.js';
import { href, same, patch } from '../lib/url.js';
import { num, signed, pct } from '../lib/format.js';
import { periodName, monthIndex } from '../lib/period.js';
import { itemsOf } from '../lib/filing.js';
import { view } from '../parts/states.js';
import { card } from '../parts/card.js';
import { table, source, level, chip, flagWord } from '../parts/bits.js';
import { monthsCard } from '../parts/trend.js';
import { tilemap } from '../parts/tilemap.js';
import { shown, yoyText, yoyBasis } from '../parts/tile.js';

export const AREAS = ['industry', 'buildings', 'transport', 'people', 'innovation', 'city'];
const NOTE = { block: 'bad', error: 'bad', explain: 'warn', warn: 'warn', warning: 'warn' };

/** In the order of the report; figures without a place in it stand last, as the server gave them. */
export const inOrder = (figs) => figs.map((f, i) => [f, i]).sort((a, b) => (a[0].order || 1e9) - (b[0].order || 1e9) || a[1] - b[1]).map((x) => x[0]);

/** Months a figure was made for: a list of a year gives some figures for the months they are published for. */
const months = (f) => (f.period && f.period.from ? periodName(monthIndex(f.period.from), monthIndex(f.period.to)) : '—');
const show = (v, s) => num(v === null || v === undefined ? null : v / s.div, s.dec);

class PageArea extends Page {
  get follows() {
    return true;
  }

  render() {
    const area = this.route.id;
    const p = this.period;
    const d = this.q.get('d');
    if (!AREAS.includes(area)) return html`<div class="head"><h1>${t('page.none')}</h1></div>${this.areas(area)}`;
    const path = q('/figures', { area, period: p.text, subject: d });
    const f = this.need('figures', path);
    this.need('types', '/types');
    const where = d ? nm((this.city.districts || []).find((x) => x.id === d) || d) : nm(this.city.name);
    const figs = inOrder(f.data || []);
    this.root = d || common(figs);
    const told = figs.filter((x) => x.order);
    return html`<div class="head"><h1>${word('area', area)}</h1><span class="sub">${where} · ${periodName(p.from, p.to)}</span></div>${this.areas(area)}
      ${told.length && this.q.get('r') !== 'lastyear' && 2 * told.filter((x) => x.value === null).length > told.length ? html`<p class="note" role="status">${t('area.empty')} <a href=${same({ r: 'lastyear' })}>${t('area.before')}</a></p>` : nothing}
      <div class="grid">${f.data === undefined ? html`<div class="c12">${view(this, 'figures', () => nothing)}</div>` : html`${this.trend(figs, d)}
      ${this.districts(figs, p)}${told.map((x) => this.figure(x, d))}${this.all(path)}${this.records(area)}`}</div>`;
  }

  areas(area) {
    return html`<nav class="row" aria-label=${t('area.choose')}>${AREAS.map((a) => html`<a class="btn" href=${href(`/a/${a}`)} aria-current=${a === area ? 'page' : nothing}>${word('area', a)}</a>`)}</nav>`;
  }

  /** The main figure: the one chosen, else the first of the report that has a value here. */
  main(figs) {
    const own = figs.filter((f, i) => figs.findIndex((x) => x.id === f.id) === i);
    return [own, own.find((f) => f.id === this.q.get('fig')) || own.find((f) => f.value !== null) || own[0]];
  }

  /** The main figure district by district: map, and ranking as its table. One question each, so that ratios are right too. */
  districts(figs, p) {
    const [, main] = this.main(figs);
    const all = this.city.districts || [];
    if (!main || !all.length) return nothing;
    const period = main.period && main.period.from ? `${main.period.from}..${main.period.to}` : p.text;
    const rows = () => all.map((x) => ({ ...x, value: (this.slots.get(`in.${x.id}`).data || {}).value ?? null }));
    all.forEach((x) => this.need(`in.${x.id}`, q(`/figures/${main.id}`, { period, subject: x.id })));
    const s = shown(main);
    const ranked = () => rows().sort((a, b) => (b.value === null ? -Infinity : b.value) - (a.value === null ? -Infinity : a.value));
    return card(this, {
      id: 'districts', cls: 'c4', noPng: true, title: t('area.districts', { figure: nm(main.title) }), unit: s.unit, slot: 'figures', api: null,
      chart: () => tilemap(rows(), s.div),
      table: () => table({ caption: nm(main.title), rows: ranked(), columns: [{ label: '#', num: true, cell: (r, i) => i + 1 }, { label: t('ctx.area'), head: true, cell: (r) => html`<a href=${same({ d: r.id })}>${nm(r)}</a>` },
        { label: s.unit, num: true, raw: (r) => r.value, cell: (r) => show(r.value, s) }] }),
      source: () => source([[t('src.api'), html`<code>/api/v1/figures/${main.id}?period=${period}&subject=…</code>`], [t('src.map'), t('map.note')]]),
      foot: html`<span>${t('map.note')}</span>`,
    });
  }

  trend(figs, d) {
    const [own, main] = this.main(figs);
    if (!main) return nothing;
    const tools = html`<select id="area-fig" aria-label=${t('fig.choose')} @change=${(e) => patch({ fig: e.target.value })}>${own.map((f) => html`<option value=${f.id} ?selected=${f === main}>${nm(f.title)}</option>`)}</select>`;
    return monthsCard(this, { id: 'trend', cls: 'c8', figure: main.id, subject: d, by: 'month', title: t('fig.trend'), unit: main.unit, kind: main.kind, tools });
  }

  records(area) {
    return html`<section class="card c4" aria-labelledby="h-records"><div class="cardhead"><h2 id="h-records">${t('area.records')}</h2></div>
      <div class="cardbody">${view(this, 'types', (d) => html`<ul class="plain">${itemsOf(d).filter((r) => r.area === area).map((r) => html`<li><a href=${href(`/r/${r.type}`)}>${nm(r.title)}</a></li>`)}</ul>`,
        { empty: (d) => !itemsOf(d).some((r) => r.area === area), hint: t('area.no_records') })}</div></section>`;
  }

  link(f, d) {
    const other = this.ofUnit(f) ? f.subject : d;
    return href(`/m/${f.id}`, { d: other || null, r: f.period && f.period.from ? `${f.period.from}..${f.period.to}` : null });
  }

  figure(f, d) {
    const s = shown(f);
    // figures of single units stand beside the city's: say whose
    const whose = this.ofUnit(f) && f.subject_name ? ` · ${nm(f.subject_name)}` : '';
    const id = `a-${f.id}-${f.subject}`;
    return html`<section class="card tile c4" data-figure=${f.id} aria-labelledby=${id}>
      <div class="t"><h2 id=${id}>${nm(f.title)}${whose}</h2>${level(f)}</div>
      <div class="v" data-v=${f.value === null ? '' : f.value} title=${f.value === null ? '' : `${f.value} ${f.unit}`}>${s.text}<small>${s.unit}</small></div>
      <p class="small dim">${months(f)}${f.scope ? html` · ${nm(f.scope)}` : nothing}</p>
      <dl><div><dt>${t('fig.target')}</dt><dd>${show(f.target, s)}</dd></div><div><dt>${t('fig.gap')}</dt><dd>${signed(f.gap === null || f.gap === undefined ? null : f.gap / s.div, s.dec)}</dd></div>
        <div><dt>${t('fig.yoy')}</dt><dd title=${yoyBasis(f)}>${yoyText(f)}</dd></div></dl>
      ${f.article ? html`<blockquote class="small" lang="zh-CN">${f.article}</blockquote>` : nothing}
      ${(f.notes || []).map((n) => html`<p class="small">${chip(NOTE[n.severity] || 'nodata', word('severity', n.severity))} ${nm(n.text)}</p>`)}
      <div class="row">${(f.flags || []).map((x) => html`<span class="tag hatch">${flagWord(x)}</span>`)}</div>
      <div class="b"><a href=${this.link(f, d)} aria-label="${t('fig.why')} ${nm(f.title)}${whose}">${t('fig.why')}</a><span class="dim small">${t('fig.complete')} ${pct(f.completeness)}</span></div></section>`;
  }

  /** Is it about another subject than the list, a unit of it? */
  ofUnit(f) {
    return f.subject !== this.root;
  }

  all(path) {
    const d = this.q.get('d');
    return card(this, {
      id: 'figures', cls: 'c12', title: t('cockpit.figures'), slot: 'figures', api: path, empty: (r) => r.length === 0, hint: t('area.none'),
      table: (figs) => table({ caption: word('area', this.route.id), api: path, rows: figs, columns: [
        { label: t('col.figure'), head: true, cell: (f) => html`<a href=${this.link(f, d)}>${nm(f.title)}</a>${this.ofUnit(f) && f.subject_name ? html` <span class="dim small">${nm(f.subject_name)}</span>` : nothing}` },
        { label: t('ctx.period'), cell: (f) => months(f) },
        { label: t('col.value'), num: true, raw: (f) => f.value, cell: (f) => html`${shown(f).text} <small class="dim">${shown(f).unit}</small>` },
        { label: t('fig.target'), num: true, raw: (f) => (f.target === undefined ? null : f.target), cell: (f) => show(f.target, shown(f)) },
        { label: t('fig.yoy'), num: true, cell: (f) => yoyText(f) }, { label: t('fig.complete'), num: true, cell: (f) => pct(f.completeness) }, { label: t('fig.level'), cell: (f) => level(f) }] }),
      source: (figs) => source([[t('src.api'), html`<code>/api/v1${path}</code>`], [t('src.seq'), figs.length ? num(figs[0].seq, 0) : null], [t('src.rule'), t('foot.rule')]]),
      foot: html`<a href=${same({ r: 'lastyear' })}>${t('period.lastyear')}</a>`,
    });
  }
}

/** The subject most figures of a list are about. */
export function common(figs) {
  const n = new Map();
  for (const f of figs) n.set(f.subject, (n.get(f.subject) || 0) + 1);
  return [...n.entries()].reduce((a, b) => (b[1] > a[1] ? b : a), [null, 0])[0];
}
customElements.define('page-area', PageArea);
