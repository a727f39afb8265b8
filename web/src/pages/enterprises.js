/* 企业: the list of key energy-using units, searched, filtered by district, sorted, in pages. */
import { html } from '../lib/lit.js';
import { Page } from '../lib/page.js';
import { t, nm, sectorName, language } from '../lib/i18n.js';
import { q } from '../lib/api.js';
import { href, patch, same } from '../lib/url.js';
import { num, scaleFor } from '../lib/format.js';
import { periodName } from '../lib/period.js';
import { card } from '../parts/card.js';
import { table, source, searchBox, pager } from '../parts/bits.js';
import { unitsOf } from '../parts/rank.js';

const SIZE = 25;

class PageEnterprises extends Page {
  render() {
    const d = this.q.get('d');
    const path = q('/subjects', { kind: 'unit', parent: d });
    this.need('subjects', path);
    this.need('alarms', '/alarms?active=1');
    unitsOf(this, this.period, d, 'industry.energy_total');
    return html`<div class="head"><h1>${t('nav.enterprises')}</h1><span class="sub">${periodName(this.period.from, this.period.to)}</span></div>
      <div class="filters">${searchBox('units-q', t('units.search'), this.q.get('q'), (v) => patch({ q: v, page: null }, true))}
        <label class="dim">${t('units.sort')} <select id="sort" @change=${(e) => patch({ sort: e.target.value === 'energy' ? null : e.target.value, page: null })}>
        ${['energy', 'name', 'alarms', 'points'].map((k) => html`<option value=${k} ?selected=${(this.q.get('sort') || 'energy') === k}>${t(`sort.${k}`)}</option>`)}</select></label></div>
      <div class="grid">${card(this, {
        id: 'units', cls: 'c12', title: t('units.title'), slot: 'subjects', api: path, empty: (r) => this.chosen(r).length === 0, hint: t('units.none'),
        table: (rows) => this.list(this.chosen(rows), path),
        source: () => source([[t('src.api'), html`<code>/api/v1${path}</code>`], [t('src.figure'), html`<a href=${href('/m/industry.energy_total')}>${t('short.industry.energy_total')}</a>`]]),
      })}</div>`;
  }

  chosen(rows) {
    const words = (this.q.get('q') || '').toLowerCase().split(/\s+/).filter(Boolean);
    const energy = new Map((this.slots.get('units').data || []).map((r) => [r.key, r.value]));
    const alarms = new Map();
    for (const a of (this.slots.get('alarms').data || { rows: [] }).rows) {
      const u = String(a.subject).split('.')[0];
      alarms.set(u, (alarms.get(u) || 0) + 1);
    }
    const district = new Map((this.city.districts || []).map((d) => [d.id, nm(d)]));
    const out = rows.map((r) => ({ ...r, energy: energy.has(r.id) ? energy.get(r.id) : null, alarms: alarms.get(r.id) || 0, place: district.get(r.parent) || r.parent }))
      .filter((r) => words.every((w) => `${r.id} ${r.name_zh} ${r.name_en} ${r.sector} ${sectorName(r.sector)} ${r.place}`.toLowerCase().includes(w)));
    const by = this.q.get('sort') || 'energy';
    const coll = new Intl.Collator(language() === 'zh' ? 'zh-CN' : 'en');
    const order = { energy: (a, b) => (b.energy || 0) - (a.energy || 0), name: (a, b) => coll.compare(nm(a), nm(b)), alarms: (a, b) => b.alarms - a.alarms,
      points: (a, b) => (b.points || 0) - (a.points || 0) }[by] || (() => 0);
    return out.sort((a, b) => order(a, b) || (a.id < b.id ? -1 : 1));
  }

  list(rows, path) {
    const page = Math.max(1, Math.min(Number(this.q.get('page')) || 1, Math.ceil(rows.length / SIZE)));
    const s = scaleFor(Math.max(0, ...rows.map((r) => r.energy || 0)), 'tce');
    return html`${table({ caption: t('units.count', { n: rows.length }), api: path, rows: rows.slice((page - 1) * SIZE, page * SIZE), columns: [
      { label: t('col.unit_name'), head: true, raw: (r) => r.id, cell: (r) => html`<a href=${href(`/e/${r.id}`)}>${nm(r)}</a>` },
      { label: t('col.sector'), cell: (r) => sectorName(r.sector) },
      { label: t('ctx.area'), cell: (r) => html`<a href=${same({ d: r.parent, page: null })}>${r.place}</a>` },
      { label: t('short.industry.energy_total'), unit: s.unit, num: true, raw: (r) => r.energy, cell: (r) => num(r.energy === null ? null : r.energy / s.div, 3) },
      { label: t('col.points'), num: true, cell: (r) => num(r.points, 0) },
      { label: t('nav.alarms'), num: true, cell: (r) => (r.alarms ? html`<a href=${href('/alarms', { s: r.id })}>${num(r.alarms, 0)}</a>` : '0') }] })}
      ${pager(rows.length, SIZE, page)}`;
  }
}
customElements.define('page-enterprises', PageEnterprises);
