/* 疑点: what the rules of the packs find in the accepted book now, worst first. */
import { html, nothing } from '../lib/lit.js';
import { Page } from '../lib/page.js';
import { t, nm, word } from '../lib/i18n.js';
import { q, exportUrl } from '../lib/api.js';
import { same, patch } from '../lib/url.js';
import { itemsOf, monthName } from '../lib/filing.js';
import { table, chip, pager } from '../parts/bits.js';
import { view } from '../parts/states.js';
import { savedFilters } from '../parts/filters.js';
import { unitLink } from '../parts/who.js';

// the severities of rules/*.sql; a rule's `warn` is a warning, unlike the note that a form's check of that name gives
const KIND = { block: 'bad', error: 'bad', warn: 'warn', info: 'nodata' };
const level = (k) => word('severity', k === 'warn' ? 'warning' : k);
const SIZE = 50;

class PageFindings extends Page {
  render() {
    const path = q('/findings', { subject: this.q.get('s'), severity: this.q.get('sev') });
    this.need('findings', path);
    return html`<div class="head"><h1>${t('nav.findings')}</h1><span class="sub">${t('rules.sub')}</span></div>
      <div class="filters"><nav class="chips" aria-label=${t('points.filter')}>${['', ...Object.keys(KIND)].map((k) => html`<a href=${same({ sev: k || null, page: null })} aria-current=${(this.q.get('sev') || '') === k ? 'true' : 'false'}>${k ? level(k) : t('admin.all')}</a>`)}</nav>
        ${this.q.get('s') ? html`<span class="tag">${t('col.subject')}: ${this.q.get('s')}</span>` : nothing}${savedFilters(this, 'findings', ['s', 'sev'])}</div>
      <section class="card" aria-label=${t('nav.findings')}>${view(this, 'findings', (d) => this.list(itemsOf(d)), { empty: (d) => itemsOf(d).length === 0, hint: t('rules.none') })}
      <div class="cardfoot"><span class="grow"></span><span class="out"><a download href=${exportUrl(path, 'csv')}>CSV</a> <a download href=${exportUrl(path, 'xlsx')}>XLSX</a></span></div></section>`;
  }
  list(rows) {
    const page = Math.max(1, Math.min(Number(this.q.get('page')) || 1, Math.ceil(rows.length / SIZE)));
    return html`${table({ caption: t('rules.count', { n: rows.length }), rows: rows.slice((page - 1) * SIZE, page * SIZE), columns: [{ label: t('rules.level'), cell: (r) => chip(KIND[r.severity] || 'nodata', level(r.severity)) }, { label: t('rules.what'), head: true, cell: (r) => html`${nm(r.text)}<br><span class="small dim">${nm(r.title)} <code>${r.rule}</code></span>` },
      { label: t('col.subject'), cell: (r) => (r.subject ? unitLink(this, r.subject) : '—') }, { label: t('col.month'), cell: (r) => html`<span class="nowrap">${r.month === null || r.month === undefined ? '—' : monthName(r.month)}</span>` }] })}${rows.length > SIZE ? pager(rows.length, SIZE, page) : nothing}`;
  }
}
customElements.define('page-findings', PageFindings);
