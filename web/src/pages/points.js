/* 测点: which series come in, which are described, which are silent. */
import { html, nothing } from '../lib/lit.js';
import { Page } from '../lib/page.js';
import { t, nm, word } from '../lib/i18n.js';
import { q } from '../lib/api.js';
import { href, patch, same } from '../lib/url.js';
import { num, stamp, age, ms, unitName } from '../lib/format.js';
import { RANGES } from '../lib/period.js';
import { card } from '../parts/card.js';
import { table, source, searchBox, pager } from '../parts/bits.js';
import { timeLine } from '../parts/options.js';
import { unitLink } from '../parts/who.js';
import { pointState } from './enterprise.js';

const SIZE = 25;
const STATES = ['', 'adopted', 'new', 'silent', 'alarm'];

class PagePoints extends Page {
  live(e) {
    const r = this.slots.get('points');
    if (!r || !r.data || !e.points) return;
    const by = new Map(e.points.map((x) => [x.id, x]));
    let hit = false;
    for (const row of r.data.rows) {
      const x = by.get(row.point);
      if (x) {
        row.last = { value: x.value, ts: x.ts };
        hit = true;
      }
    }
    if (hit) this.requestUpdate();
  }

  get now() {
    return ms(this.city.live || this.city.now);
  }

  render() {
    const state = STATES.includes(this.q.get('state') || '') ? this.q.get('state') || '' : '';
    const page = Math.max(1, Number(this.q.get('page')) || 1);
    const path = q('/points', { subject: this.q.get('s'), q: this.q.get('q'), state, page: String(page), size: String(SIZE) });
    this.need('points', path);
    const id = this.q.get('p');
    return html`<div class="head"><h1>${t('points.title')}</h1><span class="sub">${t('points.sub')}</span><span class="grow"></span><a href=${href('/collectors')}>${t('nav.collectors')}</a></div>
      <div class="filters">${searchBox('points-q', t('points.search'), this.q.get('q'), (v) => patch({ q: v, page: null }, true))}
        <nav class="chips" aria-label=${t('points.filter')}>${STATES.map((s) => html`<a href=${same({ state: s || null, page: null })} aria-current=${s === state ? 'true' : 'false'}>${s
          ? word('pstate', s) : t('points.all')}</a>`)}</nav>
        ${this.q.get('s') ? html`<span class="tag">${t('col.subject')}: ${this.q.get('s')}</span><a href=${same({ s: null, page: null })}>${t('do.clear')}</a>` : nothing}</div>
      <div class="grid">${id ? this.series(id) : nothing}${this.list(path, page)}</div>`;
  }

  series(id) {
    const r = this.range;
    const path = `/series/${encodeURIComponent(id)}?${r.query}&points=500`;
    this.need('series', path);
    const row = ((this.slots.get('points').data || { rows: [] }).rows || []).find((x) => String(x.point) === id);
    const d0 = this.slots.get('series').data;
    const title = row ? nm(row) : d0 ? d0.key : t('points.series');
    const pts = (d) => d.buckets.map((b, i) => (b ? [b[0], b[3]] : [ms(d.t0) + i * d.step_s * 1000, null]));
    return card(this, {
      id: 'series', cls: 'c12', title, unit: d0 ? unitName(d0.unit) : '', slot: 'series', api: path, empty: (d) => d.buckets.every((b) => b === null),
      tools: html`<select id="range" aria-label=${t('range.label')} @change=${(e) => patch({ t: e.target.value === '24h' ? null : e.target.value })}>${RANGES.map((k) => html`<option value=${k}
        ?selected=${r.key === k}>${t(`range.${k}`)}</option>`)}</select><a href=${same({ p: null })}>${t('do.close')}</a>`,
      chart: (d) => html`<qf-chart .make=${timeLine({ from: r.from, to: r.to, step: d.step_s * 1000, unit: unitName(d.unit), lineName: t('series.mean'), line: pts(d),
        band: d.buckets.map((b) => (b ? [b[0], b[1], b[2]] : null)), bandName: t('series.band'), estimated: [] })} .label=${this.sentence(d, title)}></qf-chart>`,
      table: (d) => table({ caption: title, api: path, limit: 200, rows: d.buckets.filter(Boolean), columns: [
        { label: t('col.time'), head: true, raw: (b) => b[0], cell: (b) => stamp(b[0]) }, ...[['series.min', 1], ['series.max', 2], ['series.mean', 3], ['series.count', 4]].map(([k, i]) => ({
          label: t(k), num: true, raw: (b) => b[i], cell: (b) => num(b[i]) }))] }),
      source: (d) => source([[t('src.api'), html`<code>/api/v1${path}</code>`], [t('col.key'), html`<code>${d.key}</code>`], [t('col.kind'), word('pkind', d.kind)], [t('src.unit'), d.unit],
        [t('src.what'), t('series.note', { s: num(d.step_s) })]]),
    });
  }

  sentence(d, title) {
    const b = d.buckets.filter(Boolean);
    return `${title}: ${t('series.sentence', { n: b.length, min: num(Math.min(...b.map((x) => x[1]))), max: num(Math.max(...b.map((x) => x[2]))) })} `;
  }

  list(path, page) {
    const cols = [
      { label: t('col.point'), head: true, raw: (r) => r.point, cell: (r) => html`<a href=${same({ p: String(r.point) })}>${r.name_zh || r.name_en ? nm(r) : r.key}</a>
        ${r.name_zh || r.name_en ? html`<br><span class="small dim mono">${r.key}</span>` : nothing}` },
      { label: t('col.subject'), cell: (r) => unitLink(this, r.subject) },
      { label: t('col.carrier'), cell: (r) => (r.carrier ? html`${word('carrier', r.carrier)}<br><span class="small dim">${word('flow', r.flow)}</span>` : '—') },
      { label: t('col.last'), num: true, cell: (r) => html`<span class="live">${num(r.last ? r.last.value : null)}</span> <small class="dim">${unitName(r.unit)}</small>` },
      { label: t('col.age'), num: true, cell: (r) => (r.last ? age(r.last.ts, Math.max(this.now, ms(r.last.ts))) : '—') },
      { label: t('col.readings'), num: true, raw: (r) => r.readings, cell: (r) => num(r.readings, 0) },
      { label: t('col.trouble'), num: true, cell: (r) => html`<span title="${t('col.duplicates')} / ${t('col.late')} / ${t('col.refused')}">${num(r.duplicates, 0)} / ${num(r.late, 0)} / ${num(r.refused, 0)}</span>` },
      { label: t('col.state'), cell: (r) => pointState(r.state) }];
    return card(this, {
      id: 'points', cls: 'c12', title: t('points.list'), slot: 'points', api: path, empty: (d) => d.rows.length === 0, hint: t('points.none'),
      table: (d) => html`${table({ api: path, columns: cols, rows: d.rows, caption: t('points.legend') })}${pager(d.total, SIZE, page)}`,
      source: () => source([[t('src.api'), html`<code>/api/v1${path}</code>`], [t('src.what'), t('points.note')]]),
    });
  }
}
customElements.define('page-points', PagePoints);
