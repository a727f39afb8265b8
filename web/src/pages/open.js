/* 公开: what everybody may see, on a phone first: the city's protected figures, plants that show their readings, broadcasts. No login. The view
 * for elders (?elder=1) has large letters and the first few figures. */
import { html, nothing } from '../lib/lit.js';
import { Page } from '../lib/page.js';
import { t, nm, word } from '../lib/i18n.js';
import { here, same } from '../lib/url.js';
import { num, stamp } from '../lib/format.js';
import { periodName, monthIndex } from '../lib/period.js';
import { view } from '../parts/states.js';
import { table } from '../parts/bits.js';
import { shown } from '../parts/tile.js';

const FEW = 6; // figures of the view for elders
const POLL = 15e3;

class PageOpen extends Page {
  connectedCallback() {
    super.connectedCallback();
    this.timer = setInterval(() => this.again(), POLL);
  }
  disconnectedCallback() {
    clearInterval(this.timer);
    super.disconnectedCallback();
  }

  get elder() {
    return here().q.get('elder') === '1';
  }

  render() {
    const elder = this.elder;
    this.need('open', '/open');
    return html`<div class="open ${elder ? 'elder' : ''}"><div class="head"><h1>${t('open.title', { city: nm(this.city.name) })}</h1><span class="sub">${t('open.sub')}</span><span class="grow"></span>
        <a class="btn" href=${same({ elder: elder ? null : '1' })}>${t(elder ? 'open.all' : 'open.elder')}</a></div>
      ${view(this, 'open', (d) => html`${this.plants(d)}${this.figures(d, elder)}${elder ? nothing : this.days(d)}
        <p class="dim">${t('open.rule')}</p><p><a href="/api/v1/open"><code>/api/v1/open</code></a></p>`)}</div>`;
  }

  plants(d) {
    if (!d.readings.length) return nothing;
    const names = [...new Set(d.readings.map((r) => r.plant))];
    return html`<section aria-labelledby="h-plants"><h2 id="h-plants">${t('open.plants')}</h2><div class="tiles">${names.map((p) => d.readings.filter((r) => r.plant === p).map((r) => html`<article class="card"><h3>${p} <small class="dim">${word('plant', r.kind)}</small></h3>
      <p class="big"><span class="v">${num(r.value === null ? null : Number(r.value), Number(r.value) % 1 ? 1 : 0)}</span> <small>${r.unit}</small></p><p class="dim">${nm(r.label)} · ${r.at ? stamp(r.at, true) : t('open.silent')}</p></article>`))}</div></section>`;
  }

  figures(d, elder) {
    const figs = [...d.figures].sort((a, b) => (a.order || 1e9) - (b.order || 1e9));
    return html`<section aria-labelledby="h-figures"><h2 id="h-figures">${t('open.figures')}</h2><div class="tiles">${(elder ? figs.filter((f) => f.value !== null).slice(0, FEW) : figs).map((f) => this.figure(f, elder))}</div></section>`;
  }

  figure(f, elder) {
    const s = shown(f);
    const value = (v) => num(v === null ? null : Number(v) / s.div, s.dec);
    const cells = f.districts.filter((x) => x.value !== null || x.hidden);
    return html`<article class="card"><h3>${nm(f.title)}</h3><p class="big"><span class="v">${f.hidden ? t('open.hidden') : value(f.value)}</span> <small>${s.unit}</small></p>
      <p class="dim">${periodName(monthIndex(f.period.from), monthIndex(f.period.to))}${elder ? nothing : html`<br>${nm(f.scope)}`}</p>
      ${elder || !cells.length ? nothing : html`<details><summary>${t('open.districts')}</summary>${table({ rows: cells, columns: [{ label: t('open.district'), head: true, cell: (r) => nm(r.label) },
        { label: s.unit, num: true, raw: (r) => r.value, cell: (r) => (r.hidden ? html`<span class="dim">${t('open.hidden')}</span>` : value(r.value)) }] })}</details>`}</article>`;
  }

  days(d) {
    if (!d.days.length) return nothing;
    return html`<section aria-labelledby="h-days"><h2 id="h-days">${t('open.days')}</h2>${table({ rows: d.days, columns: [{ label: t('open.plant'), head: true, cell: (r) => html`${r.plant} <small class="dim">${word('plant', r.kind)}</small>` },
      { label: t('open.held'), cell: (r) => html`<span class="nowrap">${r.held}</span>` }, { label: t('open.viewers'), num: true, raw: (r) => r.viewers, cell: (r) => num(r.viewers, 0) }] })}</section>`;
  }
}
customElements.define('page-open', PageOpen);
