/* 申报进度: who owes what for which month, how much is in, who is late; remind them. */
import { html, nothing } from '../lib/lit.js';
import { Page } from '../lib/page.js';
import { t, nm, word } from '../lib/i18n.js';
import { q, send, exportUrl } from '../lib/api.js';
import { csrf, may, me } from '../lib/me.js';
import { href, same, patch } from '../lib/url.js';
import { num, pct } from '../lib/format.js';
import { itemsOf, monthName, monthOf, monthNumber, stateChip, clock } from '../lib/filing.js';
import { table, pager } from '../parts/bits.js';
import { view } from '../parts/states.js';
import { toast } from '../parts/copy.js';

const SIZE = 50;

class PageCampaign extends Page {
  static properties = { ...Page.properties, error: { state: true }, busy: { state: true } };

  render() {
    if (!me().user) return html`<div class="head"><h1>${t('nav.campaign')}</h1></div><div class="state empty">${t('state.login')} <a href=${href('/login')}>${t('nav.login')}</a></div>`;
    const [form, month] = [this.q.get('form'), this.q.get('m')];
    this.need('all', q('/campaigns', { month }));
    const one = form && month ? `/campaigns/${encodeURIComponent(form)}/${month}` : null;
    this.need('one', one);
    this.need('types', '/types');
    return html`<div class="head"><h1>${t('nav.campaign')}</h1><span class="sub">${t('campaign.sub')}</span></div>
      ${this.error ? html`<p class="note bad" role="alert">${this.error.message}</p>` : nothing}
      <div class="grid"><section class="card c12" aria-labelledby="h-all"><div class="cardhead"><h2 id="h-all">${t('campaign.list')}</h2></div>${view(this, 'all', (d) => this.all(itemsOf(d)), { empty: (d) => itemsOf(d).length === 0, hint: t('campaign.none') })}</section>
      ${one ? html`<section class="card c12" aria-labelledby="h-one"><div class="cardhead"><h2 id="h-one">${this.formName(form)} · ${monthName(month)}</h2></div>${view(this, 'one', (d) => this.one(d, one))}</section>` : nothing}</div>`;
  }

  formName(form) {
    const x = itemsOf(this.slots.get('types').data).find((y) => y.type === form);
    return x ? nm(x.title) : form;
  }
  /** A share as bar and number; nobody owes: a dash. */
  share(x) {
    const v = x && typeof x === 'object' ? x.value : x;
    return v === null || v === undefined ? '—' : html`<svg class="bar mini" viewBox="0 0 100 6" preserveAspectRatio="none" aria-hidden="true"><rect class="track" width="100" height="6"></rect><rect width=${100 * Math.max(0, Math.min(1, v))} height="6"></rect></svg> ${pct(v)}`;
  }
  all(rows) {
    const n = (label, key) => ({ label: t(label), num: true, raw: (r) => r[key], cell: (r) => num(r[key], 0) });
    return table({ rows, columns: [{ label: t('list.form'), head: true, cell: (r) => html`<a href=${same({ form: r.form, m: monthOf(r.month), page: null, only: null })}>${this.formName(r.form)}</a>` }, { label: t('col.month'), cell: (r) => html`<span class="nowrap">${monthName(r.month)}</span>` }, { label: t('work.due'), cell: (r) => html`<span class="nowrap">${r.due || '—'}</span>` },
      n('campaign.owed', 'owed'), n('campaign.filed', 'filed'), n('campaign.on_time', 'on_time'), n('campaign.accepted', 'accepted'), n('campaign.returned', 'returned'), n('campaign.overdue', 'overdue'),
      { label: t('campaign.coverage'), num: true, raw: (r) => (r.coverage && typeof r.coverage === 'object' ? r.coverage.value : r.coverage), cell: (r) => this.share(r.coverage) }, { label: t('campaign.pass'), num: true, raw: (r) => (r.pass_rate && typeof r.pass_rate === 'object' ? r.pass_rate.value : r.pass_rate), cell: (r) => this.share(r.pass_rate) }] });
  }

  one(d, path) {
    const only = this.q.get('only');
    const want = (u) => !only || (only === 'overdue' ? u.card === 'red' : only === 'open' ? !u.filing || ['missing', 'draft', 'returned'].includes(u.state) : u.state === only);
    const units = (d.units || []).filter(want);
    const late = (d.units || []).filter((u) => u.card === 'red' || u.card === 'yellow');
    const page = Math.max(1, Math.min(Number(this.q.get('page')) || 1, Math.ceil(units.length / SIZE) || 1));
    const places = new Map((this.city.districts || []).map((x) => [x.id, nm(x)]));
    return html`<div class="filters"><nav class="chips" aria-label=${t('points.filter')}>${['', 'overdue', 'open', 'submitted', 'approved', 'returned', 'accepted'].map((k) => html`<a href=${same({ only: k || null, page: null })} aria-current=${(only || '') === k ? 'true' : 'false'}>${k === '' ? t('admin.all') : k === 'overdue' ? t('card.red') : k === 'open' ? t('campaign.open') : word('state', k)}</a>`)}</nav>
        ${may('review') || may('file') ? html`<button class="primary" ?disabled=${this.busy || !late.length} @click=${() => this.remind(d, late.map((u) => u.subject))}>${t('campaign.remind', { n: late.length })}</button>` : nothing}
        <span class="out small"><a download href=${exportUrl(path, 'csv')}>CSV</a> <a download href=${exportUrl(path, 'xlsx')}>XLSX</a></span></div>
      ${table({ caption: t('campaign.units', { n: units.length }), rows: units.slice((page - 1) * SIZE, page * SIZE), rowClass: (u) => (u.card && u.card !== 'none' ? `card-${u.card}` : ''), columns: [
    { label: t('col.unit_name'), head: true, raw: (u) => u.subject, cell: (u) => (u.filing ? html`<a href=${href(`/f/${encodeURIComponent(u.filing)}`, { view: ['submitted', 'approved'].includes(u.state) ? 'review' : null })}>${nm(u.name)}</a>` : html`<a href=${href(`/e/${u.subject}`, { tab: 'filings', view: null })}>${nm(u.name)}</a>`) },
    { label: t('ctx.area'), cell: (u) => places.get(u.district) || u.district || '—' }, { label: t('col.state'), cell: (u) => stateChip(u.state || 'missing') }, { label: t('work.card'), cell: (u) => clock({ card: u.card, workdays_left: u.workdays_left, due: u.card === 'none' ? '' : d.due }) },
    { label: t('campaign.reminded'), cell: (u) => (u.reminders ? t('campaign.times', { n: u.reminders }) : '—') }] })}${units.length > SIZE ? pager(units.length, SIZE, page) : nothing}`;
  }
  async remind(d, subjects) {
    this.busy = true;
    this.error = null;
    try {
      await send('POST', `/campaigns/${encodeURIComponent(this.q.get('form'))}/${monthOf(d.month) || this.q.get('m')}/remind`, { subjects }, { csrf: csrf() });
      toast(t('campaign.reminded_n', { n: subjects.length }));
      this.again();
    } catch (e) {
      this.error = e;
    }
    this.busy = false;
  }
}
customElements.define('page-campaign', PageCampaign);
