/* 企业页: where does my energy go now, and am I inside the limits? */
import { html, nothing } from '../lib/lit.js';
import { Page } from '../lib/page.js';
import { t, nm, word, sectorName } from '../lib/i18n.js';
import { q } from '../lib/api.js';
import { href, same } from '../lib/url.js';
import { num, pct, stamp, shortStamp, ms, age, unitName, inUnit } from '../lib/format.js';
import { periodName } from '../lib/period.js';
import { view } from '../parts/states.js';
import { card } from '../parts/card.js';
import { table, source, chip } from '../parts/bits.js';
import { flowCard } from '../parts/flow.js';
import { loadCard } from '../parts/load.js';
import { monthsCard } from '../parts/trend.js';
import { bullets, limitChip } from '../parts/bullets.js';
import { shown, yoyText } from '../parts/tile.js';
import { unitFilings } from '../parts/unit-filings.js';
import { me } from '../lib/me.js';


const FACTS = ['industry.energy_total', 'industry.co2_total', 'industry.electricity', 'industry.peak_demand', 'industry.power_factor'];

class PageEnterprise extends Page {
  get follows() {
    return true;
  }

  live(e) {
    super.live(e);
    const r = this.slots.get('points');
    if (!r || !r.data || !e.points) return;
    const by = new Map(e.points.map((x) => [x.id, x]));
    let hit = false;
    for (const row of r.data.rows) {
      const x = by.get(row.point);
      if (!x) continue;
      row.last = { value: x.value, ts: x.ts };
      hit = true;
    }
    if (hit) this.requestUpdate();
  }

  /** Figures of the unit: of all areas, or of the one area that one's office is held to. */
  figuresPath(p) {
    const areas = ((me().user && me().user.roles) || []).map((r) => r.area);
    return q('/figures', { period: p.text, subject: this.route.id, area: areas.length && areas.every(Boolean) ? areas[0] : null });
  }

  render() {
    const { id } = this.route;
    const p = this.period;
    const s = this.need('subject', `/subjects/${encodeURIComponent(id)}`);
    this.need('figures', this.figuresPath(p));
    return html`<div class="head">${this.crumbs(s.data)}<h1>${s.data ? nm(s.data) : id}</h1>
        <span class="sub">${s.data ? html`${word('kind_of', s.data.kind)} · ${sectorName(s.data.sector)} · ` : nothing}${periodName(p.from, p.to)}</span>
        ${s.data && s.data.sample ? html`<span class="tag">${t('sample.short')}</span>` : nothing}</div>
      ${me().user ? html`<nav class="chips unit-tabs" aria-label=${t('unit.tabs')}>${['', 'filings'].map((k) => html`<a href=${same({ tab: k || null })} aria-current=${(this.q.get('tab') || '') === k ? 'true' : 'false'}>${t(k ? 'unit.tab_filings' : 'unit.tab_energy')}</a>`)}</nav>` : nothing}
      ${me().user && this.q.get('tab') === 'filings' ? html`<div class="grid">${unitFilings(this, id, s.data)}</div>` : s.state === 'error' && !s.data ? view(this, 'subject', () => nothing) : html`<div class="grid">
      <section class="card c12" aria-label=${t('unit.facts')}>${view(this, 'figures', (f) => this.facts(f), { empty: (f) => f.length === 0 })}</section>
      ${flowCard(this, id, p, 'c7', t('unit.flow'))}${this.unitEnergy(s.data)}
      ${loadCard(this, id, 'c12')}
      ${monthsCard(this, { id: 'trend', cls: 'c5', figure: 'industry.energy_total', subject: id, by: 'carrier', title: t('unit.trend') })}
      ${this.balance(id, p)}${this.points(id)}${this.alarms(id)}</div>`}`;
  }

  crumbs(s) {
    if (!s) return nothing;
    const up = (s.path || []).filter((a) => a.id !== s.id);
    const to = (a) => (a.kind === 'city' ? href('/', { d: null }) : a.kind === 'district' ? href('/e', { d: a.id }) : href(`/e/${a.id}`));
    return html`<nav class="crumbs" aria-label=${t('crumbs')}><ol class="crumbs">${up.map((a) => html`<li><a href=${to(a)}>${nm(a)}</a></li>`)}</ol></nav>`;
  }

  facts(figs) {
    const by = new Map(figs.map((f) => [f.id, f]));
    return html`<dl class="facts">${FACTS.filter((k) => by.has(k)).map((k) => {
      const f = by.get(k);
      const s = shown(f);
      return html`<div><dt>${nm(f.title)}</dt><dd><a href=${href(`/m/${k}`, { d: this.route.id })}><b data-figure=${k} data-v=${f.value === null ? '' : f.value}>${s.text}</b></a>
        <small class="dim">${s.unit}</small></dd><dd class="small dim">${t('fig.yoy')} ${yoyText(f)}</dd></div>`;
    })}</dl>`;
  }

  unitEnergy(s) {
    const figs = this.slots.get('figures').data || [];
    const rows = ((s && s.limits) || []).map((l) => {
      const f = figs.find((x) => x.id === `industry.unit_energy.${l.process}`);
      return { ...l, label: word('process', l.process), value: f ? f.value : null, fig: f };
    });
    const r = this.slots.get('subject');
    // a process may stand under several standards: the picture shows the one with all three levels, the table all of them
    const drawn = [...new Set(rows.map((x) => x.process))].map((k) => rows.filter((x) => x.process === k).sort((a, b) => (b.level2 !== null) - (a.level2 !== null))[0]);
    const unit = rows.length ? unitName(rows[0].unit) : '';
    const path = this.figuresPath(this.period);
    return card(this, {
      id: 'limits', cls: 'c5', noPng: true, title: t('unit.limits'), unit, slot: 'subject', api: path, empty: () => r.state === 'ready' && rows.length === 0, hint: t('unit.no_limits'),
      chart: () => bullets(drawn),
      table: () => table({ caption: t('unit.limits'), api: path, rows, columns: [
        { label: t('col.process'), head: true, raw: (x) => x.process, cell: (x) => (x.fig ? html`<a href=${href(`/m/${x.fig.id}`, { d: this.route.id })}>${x.label}</a>` : x.label) },
        { label: t('unit.energy'), unit, num: true, raw: (x) => x.value, cell: (x) => num(x.value, 2) },
        ...['level1', 'level2', 'level3'].map((k) => ({ label: t(`limit.${k}`), num: true, raw: (x) => x[k], cell: (x) => num(x[k]) })),
        { label: t('col.state'), cell: (x) => limitChip(x.value, x) }, { label: t('src.clause'), cell: (x) => x.standard || '—' }] }),
      source: () => source([[t('src.api'), html`<code>/api/v1${path}</code>`], [t('src.clause'), [...new Set(rows.map((x) => x.standard).filter(Boolean))].join('; ')], [t('src.what'), t('unit.limits_note')]]),
    });
  }

  balance(id, p) {
    const path = q(`/balance/${encodeURIComponent(id)}`, { period: p.text });
    this.need('balance', path);
    const kind = { ok: 'ok', warn: 'warn', bad: 'bad', normal: 'ok', exceeded: 'bad' };
    return card(this, {
      id: 'balance', cls: 'c7', title: t('unit.balance'), slot: 'balance', api: path, empty: (r) => r.length === 0,
      table: (rows) => table({ caption: t('unit.balance_note'), api: path, rows, columns: [
        { label: t('col.meter'), head: true, cell: (r) => html`<a href=${href('/points', { p: String(r.point) })}>${nm(r)}</a>` },
        { label: t('col.carrier'), cell: (r) => html`${word('carrier', r.carrier)}${r.unit ? html` <small class="dim">${unitName(r.unit)}</small>` : nothing}` },
        { label: t('bal.parent'), num: true, raw: (r) => r.parent_value, cell: (r) => num(r.parent_value) },
        { label: t('bal.children'), num: true, raw: (r) => r.children_value, cell: (r) => num(r.children_value) },
        { label: t('bal.loss'), num: true, raw: (r) => r.loss, cell: (r) => num(r.loss) },
        { label: t('bal.residual'), num: true, raw: (r) => r.residual, cell: (r) => num(r.residual) },
        { label: t('col.share'), num: true, raw: (r) => r.share, cell: (r) => pct(r.share) },
        { label: t('col.state'), cell: (r) => chip(kind[r.state] || 'nodata', word('balance', r.state)) }] }),
      source: () => source([[t('src.api'), html`<code>/api/v1${path}</code>`], [t('src.what'), t('unit.balance_note')]]),
    });
  }

  points(id) {
    const path = q('/points', { subject: id, page: '1', size: '12' });
    this.need('points', path);
    const now = ms(this.city.live || this.city.now);
    return card(this, {
      id: 'live', cls: 'c6', title: t('unit.live'), slot: 'points', api: path, empty: (d) => d.rows.length === 0,
      table: (d) => table({ rows: d.rows, api: path, columns: [
        { label: t('col.point'), head: true, cell: (r) => html`<a href=${href('/points', { p: String(r.point) })}>${nm(r)}</a>` },
        { label: t('col.value'), num: true, cell: (r) => html`<span class="live">${num(r.last ? r.last.value : null)}</span> <small class="dim">${unitName(r.unit)}</small>` },
        { label: t('col.age'), num: true, cell: (r) => (r.last ? age(r.last.ts, Math.max(now, ms(r.last.ts))) : '—') },
        { label: t('col.state'), cell: (r) => pointState(r.state) }] }),
      source: () => source([[t('src.api'), html`<code>/api/v1${path}</code>`], [t('src.what'), t('unit.live_note')]]),
      foot: html`<a href=${href('/points', { s: id })}>${t('unit.all_points')}</a>`,
    });
  }

  alarms(id) {
    const path = q('/alarms', { subject: id });
    this.need('alarms', path);
    return card(this, {
      id: 'alarms', cls: 'c6', title: t('nav.alarms'), slot: 'alarms', api: path, empty: (a) => a.rows.length === 0, hint: t('alarms.none'),
      table: (a) => table({ api: path, rows: a.rows.slice(0, 8), columns: [
        { label: t('col.point'), head: true, cell: (r) => html`<a href=${href('/points', { p: String(r.point) })}>${nm(r)}</a>` },
        { label: t('col.state'), cell: (r) => chip(r.active ? 'bad' : 'ok', r.active ? word('alarm', r.kind) : t('alarm.over')) },
        { label: t('col.value'), num: true, raw: (r) => r.value, cell: (r) => inUnit(r.value, r.unit) }, { label: t('col.limit'), num: true, raw: (r) => r.limit, cell: (r) => inUnit(r.limit, r.unit) },
        { label: t('col.since'), cell: (r) => html`<span class="nowrap" title=${stamp(r.at)}>${shortStamp(r.at)}</span>` }] }),
      source: () => source([[t('src.api'), html`<code>/api/v1${path}</code>`]]),
      foot: html`<a href=${href('/alarms', { s: id })}>${t('cockpit.all_alarms')}</a>`,
    });
  }
}

/** State of a point as a chip. */
export function pointState(s) {
  const kind = { adopted: 'ok', fresh: 'ok', ok: 'ok', new: 'nodata', silent: 'warn', stale: 'warn', alarm: 'bad' }[s] || 'nodata';
  return chip(kind, word('pstate', s));
}

customElements.define('page-enterprise', PageEnterprise);
