/* 台账: filings of one form /r/:type, filtered by the address; template, import with a dry run, export. Without a type: all forms. */
import { html, nothing } from '../lib/lit.js';
import { Page } from '../lib/page.js';
import { t, nm, word, code } from '../lib/i18n.js';
import { q, send, exportUrl } from '../lib/api.js';
import { csrf } from '../lib/me.js';
import { href, patch, go } from '../lib/url.js';
import { stamp, num } from '../lib/format.js';
import { monthText } from '../lib/period.js';
import { itemsOf, recordsOf, monthName, monthNumber, stateChip, clock, who } from '../lib/filing.js';
import { table, searchBox, pager, chip } from '../parts/bits.js';
import { view } from '../parts/states.js';
import { savedFilters } from '../parts/filters.js';
import '../parts/import.js';

const SIZE = 50;

class PageList extends Page {
  static properties = { ...Page.properties, error: { state: true } };

  render() {
    if (!this.route.id) return this.types();
    const type = this.route.id;
    const desc = this.need('type', `/types/${encodeURIComponent(type)}`);
    const flows = desc.data && desc.data.flow;
    const page = Math.max(1, Number(this.q.get('page')) || 1);
    const path = !desc.data ? null : flows ? q('/filings', { form: type, state: this.q.get('state'), subject: this.q.get('s'), month: this.q.get('m'), q: this.q.get('q'), sort: this.q.get('sort'), page: String(page), size: String(SIZE) })
      : q(`/records/${encodeURIComponent(type)}`, { page: String(page), size: String(SIZE) });
    this.need('list', path);
    return html`<div class="head"><nav class="crumbs" aria-label=${t('crumbs')}><ol class="crumbs"><li><a href=${href('/r', { view: null })}>${t('nav.forms')}</a></li></ol></nav><h1>${desc.data ? nm(desc.data.title) : type}</h1><span class="sub"><code>${type}</code></span><span class="grow"></span>
        <span class="row"><a class="btn" download href="/api/v1/types/${type}/template?format=xlsx">${t('list.template')} XLSX</a><a class="btn" download href="/api/v1/types/${type}/template?format=csv">CSV</a></span></div>
      ${desc.state === 'error' ? view(this, 'type', () => nothing) : html`${flows ? this.filters(desc.data) : nothing}
      ${this.error ? html`<p class="note bad" role="alert">${this.error.message}</p>` : nothing}
      <section class="card" aria-label=${desc.data ? nm(desc.data.title) : type}>${path ? view(this, 'list', (d) => (flows ? this.filings(d, page) : this.records(d, desc.data, page)), { empty: (d) => itemsOf(d).length === 0, hint: t('list.none') }) : view(this, 'type', () => nothing)}
        ${path ? html`<div class="cardfoot"><span class="grow"></span><span class="out"><a download href=${exportUrl(path, 'csv')}>CSV</a> <a download href=${exportUrl(path, 'xlsx')}>XLSX</a></span></div>` : nothing}</section>
      ${desc.data && (desc.data.may || []).some((a) => a === 'file' || a === 'register' || a === 'propose') ? html`<qf-import .type=${type} @imported=${() => this.again()}></qf-import>` : nothing}`}`;
  }

  types() {
    this.need('types', '/types');
    return html`<div class="head"><h1>${t('nav.forms')}</h1></div><section class="card">${view(this, 'types', (d) => table({ caption: t('nav.forms'), rows: itemsOf(d), columns: [{ label: t('list.form'), head: true, cell: (r) => html`<a href=${href(`/r/${r.type}`)}>${nm(r.title)}</a>` },
      { label: t('admin.area'), cell: (r) => word('area', r.area) }, { label: t('list.flow'), cell: (r) => (r.flow ? nm(r.flow.title || r.flow) : t('list.direct')) }, { label: t('list.code'), cell: (r) => html`<code>${r.type}</code>` }] }), { empty: (d) => itemsOf(d).length === 0 })}</section>`;
  }

  filters(type) {
    const now = monthNumber(this.city.latest_month) || monthNumber(this.city.now.slice(0, 7));
    const months = Array.from({ length: 15 }, (_, i) => monthText(now - i));
    const mayFile = (type.may || []).includes('file') && type.sheet.includes('subject') && type.sheet.includes('month');
    return html`<div class="filters">${searchBox('list-q', t('list.search'), this.q.get('q'), (v) => patch({ q: v, page: null }, true))}
      <label class="dim">${t('col.state')} <select id="state" @change=${(e) => patch({ state: e.target.value || null, page: null })}><option value="">${t('admin.all')}</option>${type.flow.states.map((s) => html`<option value=${s} ?selected=${this.q.get('state') === s}>${word('state', s)}</option>`)}</select></label>
      <label class="dim">${t('col.month')} <select id="month" @change=${(e) => patch({ m: e.target.value || null, page: null })}><option value="">${t('admin.all')}</option>${months.map((m) => html`<option value=${m} ?selected=${this.q.get('m') === m}>${m}</option>`)}</select></label>
      <label class="dim">${t('units.sort')} <select id="sort" @change=${(e) => patch({ sort: e.target.value || null, page: null })}>${['', 'due', '-at', 'subject'].map((s) => html`<option value=${s} ?selected=${(this.q.get('sort') || '') === s}>${t(`list.sort.${s.replace('-', '') || 'none'}`)}</option>`)}</select></label>
      ${savedFilters(this, `r.${this.route.id}`, ['q', 'state', 'm', 's', 'sort'])}
      ${mayFile ? html`<details class="keepit"><summary>${t('list.new')}</summary><form @submit=${(e) => this.begin(e)}><label>${t('list.subject')} <input name="subject" required autocomplete="off" spellcheck="false"></label> <label>${t('col.month')} <select name="month">${months.map((m) => html`<option>${m}</option>`)}</select></label> <button>${t('list.new_go')}</button></form></details>` : nothing}</div>`;
  }
  async begin(e) {
    e.preventDefault();
    const v = Object.fromEntries(new FormData(e.target));
    try {
      const { data } = await send('POST', '/filings', { form: this.route.id, sheet: { subject: v.subject.trim(), month: monthNumber(v.month) } }, { csrf: csrf() });
      go(href(`/f/${encodeURIComponent(data.id)}`));
    } catch (err) {
      if (err.status === 409) go(href(`/f/${encodeURIComponent(`${this.route.id}:${v.subject.trim()}:${monthNumber(v.month)}`)}`)); // there is one: that is what was wanted
      else this.error = err;
    }
  }

  filings(d, page) {
    return html`${table({ caption: t('list.count', { n: num(d.total ?? itemsOf(d).length, 0) }), rows: itemsOf(d), columns: [
      { label: t('col.subject'), head: true, raw: (r) => r.id, cell: (r) => html`<a href=${href(`/f/${encodeURIComponent(r.id)}`, { view: ['submitted', 'approved', 'proposed'].includes(r.state) ? 'review' : null })}>${r.subject_name ? nm(r.subject_name) : r.subject || r.id}</a>` },
      { label: t('col.month'), cell: (r) => html`<span class="nowrap">${monthName(r.month)}</span>` }, { label: t('col.state'), cell: (r) => html`${stateChip(r.state)}${r.revision > 1 ? html` <span class="tag">${t('filing.revision', { n: r.revision })}</span>` : nothing}` },
      { label: t('work.due'), cell: (r) => (r.state === 'accepted' ? r.due || '—' : clock(r)) }, { label: t('findings.title'), cell: (r) => this.found(r.findings) }, { label: t('list.by'), cell: (r) => html`${who(r.by)} <span class="small dim nowrap">${stamp(r.at)}</span>` }] })}
      ${d.total > SIZE ? pager(d.total, SIZE, page) : nothing}`;
  }
  found(f) {
    if (!f) return '—';
    const l = [['block', 'bad'], ['explain', 'warn'], ['warn', 'nodata']].filter(([k]) => f[k]);
    return l.length ? l.map(([k, c]) => html`${chip(c, `${t(`severity.${k}`)} ${f[k]}`)} `) : html`<span class="dim">${t('findings.short_none')}</span>`;
  }
  /** One value of a record: a month by name, a choice by its word where there is one (codes of the packs), all else as it is. */
  said(v, c, area) {
    if (v === null || v === undefined || v === '') return '—';
    if (c.name === 'month') return html`<span class="nowrap">${monthName(v)}</span>`;
    return c.choices && c.choices.length ? code(area, v) : String(v);
  }
  records(d, type, page) {
    const rows = recordsOf(d);
    return html`${table({ caption: t('list.count', { n: num(d.total ?? rows.length, 0) }), rows, columns: [{ label: t('list.id'), head: true, cell: (r) => html`<code class="nowrap">${r.id}</code>` }, ...type.columns.map((c) => ({ label: c.name === 'month' ? t('col.month') : nm(c.title), unit: c.unit ? nm(c.unit) : '', num: c.name !== 'month' && /DECIMAL|DOUBLE|INT/i.test(c.type), raw: (r) => r[c.name], cell: (r) => this.said(r[c.name], c, type.area) }))] })}
      ${d.total > SIZE ? pager(d.total, SIZE, page) : nothing}`;
  }
}
customElements.define('page-list', PageList);
