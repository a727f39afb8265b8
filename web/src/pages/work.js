/* 工作台: 待办 / 已办 / 我发起的, each with its clock; filters live in the address and can be kept under a name. */
import { html, nothing } from '../lib/lit.js';
import { Page } from '../lib/page.js';
import { t, nm, word } from '../lib/i18n.js';
import { q, send } from '../lib/api.js';
import { me, csrf } from '../lib/me.js';
import { href, same, patch, go } from '../lib/url.js';
import { num } from '../lib/format.js';
import { clock, monthName, monthOf, monthNumber, itemsOf, stateChip } from '../lib/filing.js';
import { table, searchBox, pager } from '../parts/bits.js';
import { view } from '../parts/states.js';
import { savedFilters } from '../parts/filters.js';
import { toast } from '../parts/copy.js';

const VIEWS = ['todo', 'done', 'mine'];
const SIZE = 50;

class PageWork extends Page {
  render() {
    if (!me().user) return html`<div class="head"><h1>${t('nav.work')}</h1></div><div class="state empty">${t('state.login')} <a href=${href('/login')}>${t('nav.login')}</a></div>`;
    const v = VIEWS.includes(this.q.get('tab')) ? this.q.get('tab') : 'todo';
    this.need('tasks', q('/tasks', { view: v }));
    const d = this.slots.get('tasks').data;
    const counts = (d && d.counts) || {};
    return html`<div class="head"><h1>${t('nav.work')}</h1><span class="sub">${me().user.name}${counts.red ? ` · ${t('work.overdue', { n: counts.red })}` : ''}</span><span class="grow"></span><a href=${href('/account')}>${t('delegate.title')}</a></div>
      <div class="filters"><nav class="chips" aria-label=${t('work.views')}>${VIEWS.map((k) => html`<a href=${same({ tab: k === 'todo' ? null : k, page: null })} aria-current=${k === v ? 'true' : 'false'}>${t(`work.${k}`)}${k === 'todo' && k === v && counts.all !== undefined ? ` ${num(counts.all, 0)}` : ''}</a>`)}</nav>
        ${searchBox('work-q', t('work.search'), this.q.get('q'), (x) => patch({ q: x, page: null }, true))}
        <label class="dim">${t('work.card')} <select id="card" @change=${(e) => patch({ card: e.target.value || null, page: null })}><option value="">${t('admin.all')}</option>${['red', 'yellow'].map((k) => html`<option value=${k} ?selected=${this.q.get('card') === k}>${t(`card.${k}`)}</option>`)}</select></label>
        ${savedFilters(this, 'work', ['tab', 'q', 'card', 'kind'])}</div>
      <section class="card" aria-label=${t(`work.${v}`)}>${view(this, 'tasks', (x) => this.list(x, v), { empty: (x) => itemsOf(x).length === 0, hint: t(`work.none.${v}`) })}</section>`;
  }

  list(d, v) {
    const words = (this.q.get('q') || '').toLowerCase().split(/\s+/).filter(Boolean);
    const all = itemsOf(d).filter((x) => (!this.q.get('card') || x.card === this.q.get('card')) && words.every((w) => `${nm(x.title)} ${x.subject} ${x.subject_name ? nm(x.subject_name) : ''} ${monthOf(x.month)}`.toLowerCase().includes(w)));
    const page = Math.max(1, Math.min(Number(this.q.get('page')) || 1, Math.ceil(all.length / SIZE) || 1));
    const rows = all.slice((page - 1) * SIZE, page * SIZE);
    if (!rows.length) return html`<p class="dim">${t('work.filtered')}</p>`;
    return html`${table({ caption: t('work.caption', { n: all.length }), cls: 'tasks', rows, rowClass: (r) => (r.card && r.card !== 'none' ? `card-${r.card}` : ''), columns: [
      { label: t('work.task'), head: true, cell: (r) => this.link(r) }, { label: t('work.kind'), cell: (r) => html`<span class="tag">${word('task', r.kind)}</span>${r.delegated_from ? html` <span class="small dim">${t('work.for', { name: r.delegated_from })}</span>` : nothing}` },
      { label: t('col.subject'), cell: (r) => (r.subject_name ? nm(r.subject_name) : r.subject || '—') }, { label: t('col.month'), cell: (r) => html`<span class="nowrap">${monthName(r.month)}</span>` },
      { label: t('work.due'), cell: (r) => html`${v === 'todo' ? clock(r) : nothing}${r.due ? html` <span class="small dim nowrap">${r.due}</span>` : v === 'todo' ? nothing : '—'}` }, ...(v === 'todo' ? [] : [{ label: t('col.state'), cell: (r) => (r.state ? stateChip(r.state) : '—') }])] })}${all.length > SIZE ? pager(all.length, SIZE, page) : nothing}`;
  }

  link(r) {
    const title = nm(r.title);
    if (r.filing) return html`<a href=${href(`/f/${encodeURIComponent(r.filing)}`, { view: ['approve', 'review', 'decide'].includes(r.kind) ? 'review' : null })}>${title}</a>`;
    if (r.kind === 'finding') return html`<a href=${href('/findings', { s: r.subject || null })}>${title}${r.count > 1 ? ` · ${t('work.count', { n: r.count })}` : ''}</a>`;
    if (r.kind === 'decide') return html`<a href=${href('/admin', { tab: 'grants' })}>${title}</a>`;
    return r.form ? html`<button class="plain" @click=${() => this.begin(r)}>${title} · ${t('work.begin')}</button>` : title;
  }
  /** An obligation without a form yet: make the draft and go there. */
  async begin(r) {
    try {
      const { data } = await send('POST', '/filings', { form: r.form, sheet: r.sheet || { subject: r.subject, month: monthNumber(monthOf(r.month)) } }, { csrf: csrf() });
      go(href(`/f/${encodeURIComponent(data.id)}`));
    } catch (e) {
      toast(e.message);
    }
  }
}
customElements.define('page-work', PageWork);
