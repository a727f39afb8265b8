/* 采集: what is connected, what came, what was refused and why - with the bytes of the last refused message for who may see them. */
import { html, nothing } from '../lib/lit.js';
import { Page } from '../lib/page.js';
import { t, nm, word } from '../lib/i18n.js';
import { q } from '../lib/api.js';
import { same } from '../lib/url.js';
import { num, pct, stamp, age, ms } from '../lib/format.js';
import { card } from '../parts/card.js';
import { table, source, chip } from '../parts/bits.js';

const STATE = { up: 'ok', down: 'nodata', backoff: 'warn' };

class PageCollectors extends Page {
  get now() {
    return ms(this.city.live || this.city.now);
  }

  render() {
    const path = q('/collectors', { collector: this.q.get('c') });
    this.need('collectors', path);
    return html`<div class="head"><h1>${t('nav.collectors')}</h1><span class="sub">${t('collect.sub')}</span></div>
      ${this.q.get('c') ? html`<div class="filters"><span class="tag">${t('collect.collector')}: ${this.q.get('c')}</span><a href=${same({ c: null })}>${t('do.clear')}</a></div>` : nothing}
      <div class="grid">${this.collectors(path)}${this.uploads()}${this.links(path)}</div>`;
  }

  /** Completeness of key units' uploads, where there is a platform. */
  uploads() {
    const here = this.slots.get('collectors')?.data?.collectors.some((c) => c.protocol === 'necc' && !c.error);
    const path = q('/necc', { month: this.q.get('month') });
    this.need('necc', here ? path : null);
    if (!here) return nothing;
    const rows = (d) => d.platforms.flatMap((p) => p.units.map((u) => ({ ...u, month: p.month, aim: p.aim })));
    return card(this, {
      id: 'uploads', cls: 'c12', title: t('collect.uploads'), slot: 'necc', empty: (d) => rows(d).length === 0, hint: t('collect.nolinks'),
      table: (d) => table({ api: path, rows: rows(d), columns: [
        { label: t('collect.unit'), head: true, raw: (r) => r.unit, cell: (r) => html`${r.name || r.unit}${r.name ? html`<br><span class="small dim">${r.unit}</span>` : nothing}` },
        { label: t('col.month'), cell: (r) => r.month },
        { label: t('collect.expected'), num: true, raw: (r) => r.expected, cell: (r) => num(r.expected, 0) },
        { label: t('collect.received'), num: true, raw: (r) => r.received, cell: (r) => num(r.received, 0) },
        { label: t('collect.complete'), num: true, raw: (r) => r.share, cell: (r) => (r.share === null ? '—' : chip(r.share >= r.aim ? 'ok' : 'bad', pct(r.share))) }] }),
      source: () => source([[t('src.api'), html`<code>/api/v1${path}</code>`], [t('src.what'), t('collect.uploadsnote')]]),
    });
  }

  collectors(path) {
    return card(this, {
      id: 'collectors', cls: 'c12', title: t('collect.title'), slot: 'collectors', empty: (d) => d.collectors.length === 0, hint: t('collect.none'),
      table: (d) => table({ rows: d.collectors, columns: [
        { label: t('collect.collector'), head: true, cell: (r) => html`<a href=${same({ c: r.name })}>${r.name}</a>` }, { label: t('collect.protocol'), cell: (r) => word('protocol', r.protocol) },
        { label: t('collect.where'), cell: (r) => !r.where ? '—' : html`<code>${r.where}</code>${r.port && !String(r.where).endsWith(`:${r.port}`) ? html` <code>:${r.port}</code>` : nothing}` },
        { label: t('col.state'), cell: (r) => (r.error ? html`${chip('bad', t('collect.stopped'))} ${nm(r.error)}` : chip('ok', t('collect.runs'))) }] }),
      source: () => source([[t('src.api'), html`<code>/api/v1${path}</code>`], [t('src.what'), t('collect.note')]]),
    });
  }

  links(path) {
    return card(this, {
      id: 'links', cls: 'c12', title: t('collect.links'), slot: 'collectors', empty: (d) => d.links.length === 0, hint: t('collect.nolinks'),
      table: (d) => table({ api: path, rows: d.links, columns: [
        { label: t('collect.sender'), head: true, raw: (r) => r.name, cell: (r) => html`${r.name}<br><span class="small dim">${r.collector} · ${word('protocol', r.protocol)}${r.peer ? html` · <code>${r.peer}</code>` : nothing}</span>` },
        { label: t('col.state'), cell: (r) => html`${chip(STATE[r.state] || 'nodata', word('link', r.state))}${r.note ? html`<br><small>${nm(r.note)}</small>` : nothing}` },
        { label: t('collect.seen'), cell: (r) => html`<span class="nowrap">${stamp(r.last_seen, true)}</span> <small class="dim">${age(r.last_seen, Math.max(this.now, ms(r.last_seen) || 0))}</small>` },
        { label: t('collect.rate'), num: true, raw: (r) => r.per_minute, cell: (r) => num(r.per_minute, 1) },
        { label: t('col.readings'), num: true, raw: (r) => r.taken, cell: (r) => num(r.taken, 0) },
        { label: t('col.refused'), num: true, raw: (r) => r.refused, cell: (r) => num(r.refused, 0) },
        { label: t('collect.why'), cell: (r) => this.refusal(r.refusal) }] }),
      source: () => source([[t('src.api'), html`<code>/api/v1${path}</code>`], [t('src.what'), t('collect.note')]]),
    });
  }

  refusal(f) {
    if (!f) return '—';
    const bytes = f.raw_hex ? html`<details><summary>${t('collect.bytes')}</summary><pre class="raw">${f.raw_hex.replace(/(..)/g, '$1 ').replace(/((?:.. ){16})/g, '$1\n')}</pre><pre class="raw">${f.raw_text}</pre></details>` : nothing;
    return html`${nm(f)}<br><small class="dim nowrap">${stamp(f.at, true)}</small>${bytes}`;
  }
}
customElements.define('page-collectors', PageCollectors);
