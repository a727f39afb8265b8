/* 驾驶舱: are we on course, and who is off it? */
import { html, nothing } from '../lib/lit.js';
import { Page } from '../lib/page.js';
import { t, nm, word } from '../lib/i18n.js';
import { q } from '../lib/api.js';
import { href, patch, same } from '../lib/url.js';
import { num, pct, scaleFor, shortStamp, signed, inUnit } from '../lib/format.js';
import { periodName, monthIndex } from '../lib/period.js';
import { view } from '../parts/states.js';
import { card } from '../parts/card.js';
import { tile, shown, yoyText } from '../parts/tile.js';
import { tilemap } from '../parts/tilemap.js';
import { tilesPicture } from '../parts/png.js';
import { table, source, level, standing, chip } from '../parts/bits.js';
import { flowCard } from '../parts/flow.js';
import { openDistricts, totals, unitsOf } from '../parts/rank.js';
import { unitLink } from '../parts/who.js';
import { tokens } from '../lib/theme.js';

/** Shown as large tiles, in this order, as far as the city has them; all others are in the list below. */
const FIRST = ['industry.energy_total', 'industry.co2_total', 'industry.electricity', 'industry.va_energy', 'industry.energy_intensity', 'industry.peak_demand',
  'industry.power_factor', 'industry.energy_total_equivalent'];
const MAP_OF = ['industry.energy_total', 'industry.co2_total', 'industry.electricity'];

/** The four tiles of the first row. */
export function pick(figs) {
  const by = new Map(figs.map((f) => [f.id, f]));
  const first = FIRST.filter((id) => by.has(id)).map((id) => by.get(id));
  return [...first, ...figs.filter((f) => !first.includes(f))].slice(0, 4);
}

class PageCockpit extends Page {
  get follows() {
    return true;
  }

  render() {
    const p = this.period;
    const d = this.q.get('d');
    const figures = q('/figures', { period: p.text, subject: d });
    const f = this.need('figures', figures);
    this.top = f.data ? pick(f.data) : [];
    this.top.forEach((x) => this.need(`line.${x.id}`, q(`/figures/${x.id}/trend`, { period: p.text, subject: d, by: 'month' })));
    const where = d ? nm((this.city.districts || []).find((x) => x.id === d)) : nm(this.city.name);
    return html`<div class="head"><h1>${t('nav.cockpit')}</h1><span class="sub">${where} · ${periodName(p.from, p.to)}</span></div>
      <div class="grid">
      ${f.data === undefined ? html`<div class="c12">${view(this, 'figures', () => nothing)}</div>` : this.top.map((x) => tile(x, this.line(x)))}
      ${this.map(p)}${this.flow(p, d)}${this.ranking(p, d)}${this.exceptions(d)}${this.barometer(p)}${this.all(figures)}</div>`;
  }

  line(fig) {
    const r = this.slots.get(`line.${fig.id}`);
    return r && r.data ? r.data.map((x) => x.value) : null;
  }

  map(p) {
    const id = MAP_OF.includes(this.q.get('map')) ? this.q.get('map') : MAP_OF[0];
    const path = q(`/figures/${id}/trend`, { period: p.text, by: 'child' });
    this.need('map', path);
    const fig = (this.slots.get('figures').data || []).find((x) => x.id === id);
    const rows = (data) => {
      const sum = totals(data);
      return (this.city.districts || []).map((x) => ({ ...x, value: sum.has(x.id) ? sum.get(x.id).value : null }));
    };
    const s = (data) => scaleFor(Math.max(0, ...rows(data).map((r) => r.value || 0)), fig ? fig.unit : '');
    const unit = this.slots.get('map').data ? s(this.slots.get('map').data).unit : '';
    return card(this, {
      id: 'map', cls: 'c5', title: t('cockpit.map'), unit, slot: 'map', api: path, png: tilesPicture,
      tools: html`<select aria-label=${t('cockpit.map_of')} @change=${(e) => patch({ map: e.target.value === MAP_OF[0] ? null : e.target.value })}>
        ${MAP_OF.map((k) => html`<option value=${k} ?selected=${k === id}>${t(`short.${k}`)}</option>`)}</select>`,
      chart: (data) => tilemap(rows(data), s(data).div),
      table: (data) => table({ caption: t('cockpit.map'), api: path, rows: rows(data), columns: [
        { label: t('ctx.area'), head: true, cell: (r) => html`<a href=${same({ d: r.id, view: null })}>${nm(r)}</a>` },
        { label: t(`short.${id}`), unit: s(data).unit, num: true, raw: (r) => r.value, cell: (r) => num(r.value === null ? null : r.value / s(data).div, 2) }] }),
      source: () => source([[t('src.api'), html`<code>/api/v1${path}</code>`], [t('src.figure'), html`<a href=${href(`/m/${id}`)}>${fig ? nm(fig.title) : id}</a>`],
        [t('src.scope'), fig ? nm(fig.scope) : null], [t('src.map'), t('map.note')]]),
      foot: html`<span>${t('map.note')}</span>`,
    });
  }

  flow(p, d) {
    // the city's own id: from /city when it is given, else from the register
    let id = d || this.city.id || this.city.subject || null;
    if (!id) {
      const r = this.need('root', '/subjects?kind=city');
      id = r.data && r.data[0] ? r.data[0].id : null;
    }
    return flowCard(this, id, p, 'c7', t('cockpit.flow'));
  }

  /** Of those districts whose units the reader may see; of none it is not there. */
  ranking(p, d) {
    if (!openDistricts(this.city, d, 'industry.energy_total').length) return nothing;
    unitsOf(this, p, d, 'industry.energy_total');
    const path = q('/figures/industry.energy_total/trend', { period: p.text, subject: d, by: 'child' });
    const draw = (rows) => {
      const s = scaleFor(rows.length ? rows[0].value : 0, 'tce');
      const top = rows.length ? rows[0].value : 1;
      const all = rows.reduce((a, r) => a + r.value, 0);
      return { s, columns: [
        { label: '#', num: true, cell: (r, i) => i + 1 },
        { label: t('col.unit_name'), head: true, cell: (r) => html`<a href=${href(`/e/${r.key}`)}>${nm(r.name)}</a>` },
        { label: t('short.industry.energy_total'), unit: s.unit, num: true, raw: (r) => r.value, cell: (r) => num(r.value / s.div, 2) },
        { label: t('col.share'), num: true, cell: (r) => pct(r.value / all) }], top };
    };
    const tk = tokens();
    return card(this, {
      id: 'rank', cls: 'c6 rank', noPng: true, title: t('cockpit.rank'), slot: 'units', api: path, empty: (r) => r.length === 0,
      chart: (rows) => {
        const { columns, top } = draw(rows);
        const bars = { label: '', cls: 'bars', cell: (r) => html`<svg class="bar" viewBox="0 0 100 6" preserveAspectRatio="none" aria-hidden="true"><rect width=${(100 * r.value) / top} height="6" fill=${tk.brand}></rect></svg>` };
        return table({ columns: [columns[0], columns[1], bars, columns[2], columns[3]], rows: rows.slice(0, 8) });
      },
      table: (rows) => table({ caption: t('cockpit.rank'), api: 'units', columns: draw(rows).columns, rows }),
      source: () => source([[t('src.api'), html`<code>/api/v1${path}</code>`], [t('src.figure'), html`<a href=${href('/m/industry.energy_total')}>${t('short.industry.energy_total')}</a>`]]),
      foot: html`<a href=${href('/e')}>${t('cockpit.all_units')}</a>`,
    });
  }

  exceptions(d) {
    const path = q('/alarms', { active: '1', subject: d });
    this.need('alarms', path);
    const off = () => (this.slots.get('figures').data || []).filter((f) => ['bad', 'warn'].includes(standing(f)[0]));
    const columns = [
      { label: t('col.what'), head: true, cell: (r) => (r.fig ? html`<a href=${href(`/m/${r.fig.id}`)}>${nm(r.fig.title)}</a>`
        : html`<a href=${href('/points', { p: String(r.point) })}>${nm(r)}</a>`) },
      { label: t('col.subject'), cell: (r) => (r.fig ? t('src.figure') : unitLink(this, r.subject)) },
      { label: t('col.state'), cell: (r) => (r.fig ? level(r.fig) : chip('bad', word('alarm', r.kind))) },
      { label: t('col.value'), num: true, cell: (r) => (r.fig ? html`${shown(r.fig).text} <small class="dim">${shown(r.fig).unit}</small>` : inUnit(r.value, r.unit)) },
      { label: t('col.since'), cell: (r) => (r.fig ? '' : html`<span class="nowrap">${shortStamp(r.at)}</span>`) }];
    const draw = (a) => table({ columns, api: path, rows: [...off().map((fig) => ({ fig })), ...a.rows.slice(0, 8)] });
    return card(this, {
      id: 'exceptions', cls: openDistricts(this.city, d, 'industry.energy_total').length ? 'c6' : 'c12', title: t('cockpit.exceptions'), slot: 'alarms', api: path, empty: (a) => a.rows.length === 0 && off().length === 0, hint: t('cockpit.calm'),
      table: draw, source: () => source([[t('src.api'), html`<code>/api/v1${path}</code>`], [t('src.what'), t('cockpit.exceptions_note')]]),
      foot: html`<a href=${href('/alarms')}>${t('cockpit.all_alarms')}</a>`,
    });
  }

  /** 晴雨表: the targets of city and districts, the furthest behind first; each of the months it has. */
  barometer(p) {
    const path = q('/barometer', { period: p.text });
    this.need('barometer', path);
    const months = (f) => `${f.period.from}..${f.period.to}`;
    const named = (f) => periodName(monthIndex(f.period.from), monthIndex(f.period.to));
    const cols = [
      { label: t('col.figure'), head: true, cell: (f) => html`<a href=${href(`/m/${f.id}`, { d: f.subject === this.city.subject ? null : f.subject, r: months(f) })}>${nm(f.title)}</a>` },
      { label: t('col.subject'), cell: (f) => nm(f.subject_name) },
      { label: t('baro.months'), cell: (f) => html`<span class="nowrap">${named(f)}</span>` },
      { label: t('col.value'), num: true, raw: (f) => f.value, cell: (f) => html`${shown(f).text} <small class="dim">${shown(f).unit}</small>` },
      { label: t('baro.due'), num: true, raw: (f) => f.due ?? null, cell: (f) => num(f.due === null || f.due === undefined ? null : f.due / shown(f).div, shown(f).dec) },
      { label: t('fig.target'), num: true, raw: (f) => f.target ?? null, cell: (f) => num(f.target === null || f.target === undefined ? null : f.target / shown(f).div, shown(f).dec) },
      { label: t('baro.shortfall'), unit: '%', num: true, raw: (f) => f.shortfall ?? null, cell: (f) => signed(f.shortfall ?? null, 2) },
      { label: t('fig.level'), cell: (f) => level(f) }];
    return card(this, {
      id: 'barometer', cls: 'c12', title: t('cockpit.barometer'), slot: 'barometer', api: path, empty: (r) => r.length === 0, hint: t('baro.none'),
      table: (rows) => table({ caption: t('baro.caption'), api: path, columns: cols, rows }),
      source: () => source([[t('src.api'), html`<code>/api/v1${path}</code>`], [t('src.rule'), t('baro.rule')]]),
    });
  }

  all(path) {
    const given = (figs) => [...figs.filter((f) => f.value !== null), ...figs.filter((f) => f.value === null)]; // what has no data in these months comes last
    const none = (figs) => [figs.filter((f) => f.value === null).length].filter(Boolean).map((n) => t('figs.void', { n }));
    const cols = [
      { label: t('col.figure'), head: true, cell: (f) => html`<a href=${href(`/m/${f.id}`)}>${nm(f.title)}</a>` },
      { label: t('col.value'), num: true, raw: (f) => f.value, cell: (f) => html`${shown(f).text} <small class="dim">${shown(f).unit}</small>` },
      { label: t('fig.target'), num: true, raw: (f) => (f.target === undefined ? null : f.target), cell: (f) => num(f.target === null || f.target === undefined ? null : f.target / shown(f).div, shown(f).dec) },
      { label: t('fig.gap'), num: true, cell: (f) => signed(f.gap === null || f.gap === undefined ? null : f.gap / shown(f).div, shown(f).dec) },
      { label: t('fig.yoy'), num: true, cell: (f) => yoyText(f) },
      { label: t('fig.complete'), num: true, cell: (f) => pct(f.completeness) },
      { label: t('fig.level'), cell: (f) => level(f) }];
    return card(this, {
      id: 'figures', cls: 'c12', title: t('cockpit.figures'), slot: 'figures', api: path, empty: (r) => r.length === 0,
      table: (figs) => table({ caption: [periodName(this.period.from, this.period.to), ...none(figs)].join(' · '), api: path, columns: cols, rows: given(figs), rowClass: (f) => (f.value === null ? 'void' : '') }),
      source: (figs) => source([[t('src.api'), html`<code>/api/v1${path}</code>`], [t('src.seq'), figs.length ? num(figs[0].seq, 0) : null], [t('src.rule'), t('foot.rule')]]),
    });
  }
}
customElements.define('page-cockpit', PageCockpit);
