/* 管理: users, grants (one proposes, another decides), tokens shown once, factors, the security log, the calendar. Each tab only for
 * whom it is for; what one may not do is refused by the server in words. */
import { html, nothing } from '../lib/lit.js';
import { Page } from '../lib/page.js';
import { t, word } from '../lib/i18n.js';
import { send, q, exportUrl } from '../lib/api.js';
import { me, csrf, may } from '../lib/me.js';
import { href, same, patch } from '../lib/url.js';
import { num, stamp } from '../lib/format.js';
import { itemsOf, recordsOf } from '../lib/filing.js';
import { table, searchBox, pager, chip } from '../parts/bits.js';
import { view, failed } from '../parts/states.js';
import { copyText } from '../parts/copy.js';
import { factorTab } from '../parts/admin-factors.js';
import { calendarTab } from '../parts/admin-calendar.js';

const ROLES = ['leader', 'officer', 'reviewer', 'filer', 'approver', 'inspector', 'auditor', 'system_admin', 'security_admin', 'audit_admin'];
const AREAS = ['industry', 'buildings', 'transport', 'port', 'heat', 'city'];
const GRANT = { proposed: 'warn', approved: 'ok', refused: 'nodata', revoked: 'nodata' };

class PageAdmin extends Page {
  static properties = { ...Page.properties, error: { state: true }, once: { state: true }, open: { state: true } };

  get tabs() {
    return [['users', may('users')], ['grants', may('users') || may('grant') || may('audit')], ['tokens', may('tokens')], ['factors', may('propose') || may('decide') || may('users')], ['audit', may('audit')], ['calendar', true]].filter((x) => x[1]).map((x) => x[0]);
  }

  render() {
    if (!me().user) return html`<div class="head"><h1>${t('nav.admin')}</h1></div><div class="state empty">${t('state.login')} <a href=${href('/login')}>${t('nav.login')}</a></div>`;
    const tabs = this.tabs;
    const tab = tabs.includes(this.q.get('tab')) ? this.q.get('tab') : tabs[0];
    const draw = { users: () => this.users(), grants: () => this.grants(), tokens: () => this.tokens(), factors: () => factorTab(this), audit: () => this.audit(), calendar: () => calendarTab(this) }[tab];
    return html`<div class="head"><h1>${t('nav.admin')}</h1><span class="sub">${t(`admin.tab.${tab}`)}</span></div>
      <div class="filters"><nav class="chips" aria-label=${t('admin.tabs')}>${tabs.map((k) => html`<a href=${same({ tab: k, page: null, q: null })} aria-current=${k === tab ? 'true' : 'false'}>${t(`admin.tab.${k}`)}</a>`)}</nav></div>
      ${!me().user.strong && (me().user.roles || []).some((r) => /_admin$/.test(r.role)) ? html`<p class="note" role="status">${t('admin.second')} <a href=${href('/account')}>${t('account.title')}</a></p>` : nothing}
      ${this.error ? html`<div role="alert" tabindex="-1" id="adm-err">${this.error.where && this.error.where.need === 'totp' ? failed(this.error, () => { this.error = null; this.again(); }) : html`<p class="note bad">${this.error.message}</p>`}</div>` : nothing}
      ${this.once ? html`<section class="confirm" role="status" tabindex="-1" id="once"><h2>${this.once.title}</h2><p><code class="big">${this.once.secret}</code></p><p>${t('admin.once')}</p><div class="row"><button @click=${() => copyText(this.once.secret)}>${t('do.copy')}</button><button @click=${() => { this.once = null; }}>${t('do.close')}</button></div></section>` : nothing}
      ${draw()}`;
  }

  get pageNo() {
    return Math.max(1, Number(this.q.get('page')) || 1);
  }
  /** Do it, show what it says once, and ask everything again. @param {(data: any) => ?{title: string, secret: string}} [show] */
  async act(path, body, show) {
    this.error = null;
    try {
      const { data } = await send('POST', path, body || {}, { csrf: csrf() });
      this.once = show ? show(data) : null;
      this.again();
      await this.updateComplete;
      this.querySelector('#once')?.focus();
      return true;
    } catch (e) {
      this.error = e;
      await this.updateComplete;
      this.querySelector('#adm-err')?.focus();
      return false;
    }
  }
  async form(e, fn) {
    e.preventDefault();
    const f = e.target;
    if (await fn(Object.fromEntries([...new FormData(f)].map(([k, v]) => [k, String(v).trim()])))) f.reset();
  }

  users() {
    const path = q('/users', { q: this.q.get('q'), page: String(this.pageNo), size: '50' });
    this.need('users', path);
    const link = (d) => ({ title: t('admin.link', { id: d.id }), secret: d.link });
    return html`<div class="grid"><section class="card c12" aria-labelledby="h-u"><div class="cardhead"><h2 id="h-u">${t('admin.tab.users')}</h2></div><div class="filters">${searchBox('users-q', t('admin.search_users'), this.q.get('q'), (v) => patch({ q: v, page: null }, true))}</div>
      ${view(this, 'users', (d) => html`${table({ caption: t('list.count', { n: num(d.total, 0) }), rows: itemsOf(d), columns: [{ label: t('admin.id'), head: true, cell: (r) => html`<code>${r.id}</code>` }, { label: t('admin.name'), cell: (r) => r.name }, { label: t('admin.org'), cell: (r) => r.org_name || r.org || '—' },
    { label: t('admin.roles'), cell: (r) => String(r.roles || '').split(' ').filter(Boolean).map((x) => word('role', x)).join(' · ') || '—' }, { label: t('admin.factors2'), cell: (r) => [r.password ? t('login.password') : '', r.totp ? t('account.totp_short') : ''].filter(Boolean).join(' + ') || '—' }, { label: t('col.state'), cell: (r) => chip(r.state === 'active' ? 'ok' : 'nodata', word('user', r.state)) },
    { label: t('admin.do'), cell: (r) => html`<span class="row"><button @click=${() => this.act(`/users/${encodeURIComponent(r.id)}/reset`, {}, link)} aria-label="${t('admin.reset')}: ${r.name}">${t('admin.reset')}</button>${r.state === 'active' ? html`<button @click=${() => this.act(`/users/${encodeURIComponent(r.id)}/disable`)} aria-label="${t('admin.disable')}: ${r.name}">${t('admin.disable')}</button>` : nothing}</span>` }] })}${d.total > 50 ? pager(d.total, 50, this.pageNo) : nothing}`, { empty: (d) => itemsOf(d).length === 0 })}</section>
      <section class="card c12" aria-labelledby="h-nu"><h2 id="h-nu">${t('admin.new_user')}</h2><form class="form wide3" @submit=${(e) => this.form(e, (v) => this.act('/users', { id: v.id, name: v.name, ...(v.org ? { org: v.org } : {}) }, link))}>
        <label>${t('admin.id')}<input name="id" required autocomplete="off" autocapitalize="none" spellcheck="false"></label><label>${t('admin.name')}<input name="name" required autocomplete="off"></label><label>${t('admin.org_opt')}<input name="org" autocomplete="off" spellcheck="false"></label><div class="row"><button class="primary">${t('admin.add')}</button></div></form></section></div>`;
  }

  grants() {
    const path = q('/grants', { state: this.q.get('state'), page: String(this.pageNo), size: '50' });
    this.need('grants', path);
    const own = (r) => r.proposer === me().user.id;
    const step = (r, s) => html`<button @click=${() => this.act(`/grants/${encodeURIComponent(r.id)}/${s}`)} aria-label="${t(`grant.${s}`)}: ${r.name || r.user} ${word('role', r.role)}">${t(`grant.${s}`)}</button>`;
    return html`<div class="grid"><section class="card c12" aria-labelledby="h-g"><div class="cardhead"><h2 id="h-g">${t('admin.tab.grants')}</h2></div><p class="dim">${t('grant.rule')}</p>
      ${view(this, 'grants', (d) => html`${table({ caption: t('list.count', { n: num(d.total, 0) }), rows: itemsOf(d), columns: [{ label: t('admin.name'), head: true, cell: (r) => html`${r.name || r.user} <span class="small dim">${r.user}</span>` }, { label: t('admin.role'), cell: (r) => word('role', r.role) }, { label: t('admin.area'), cell: (r) => (r.area ? word('area', r.area) : t('admin.all')) },
    { label: t('admin.scope'), cell: (r) => [r.district, r.org].filter(Boolean).join(' · ') || t('admin.all') }, { label: t('admin.reason'), cell: (r) => r.reason || '—' }, { label: t('col.state'), cell: (r) => chip(GRANT[r.state] || 'nodata', word('grantstate', r.state)) }, { label: t('grant.by'), cell: (r) => html`${r.proposer || '—'}${r.decider ? ` → ${r.decider}` : ''}` },
    { label: t('admin.do'), cell: (r) => (!may('grant') ? '—' : r.state === 'proposed' ? (own(r) ? html`<span class="small dim">${t('grant.own')}</span>` : html`<span class="row">${step(r, 'approve')}${step(r, 'refuse')}</span>`) : r.state === 'approved' ? step(r, 'revoke') : '—') }] })}${d.total > 50 ? pager(d.total, 50, this.pageNo) : nothing}`, { empty: (d) => itemsOf(d).length === 0 })}</section>
      ${may('users') ? html`<section class="card c12" aria-labelledby="h-ng"><h2 id="h-ng">${t('grant.new')}</h2><form class="form wide3" @submit=${(e) => this.form(e, (v) => this.act('/grants', v))}><label>${t('admin.id')}<input name="user" required autocomplete="off" spellcheck="false"></label>
        <label>${t('admin.role')}<select name="role">${ROLES.map((r) => html`<option value=${r}>${word('role', r)}</option>`)}</select></label><label>${t('admin.area')}<select name="area"><option value="">${t('admin.all')}</option>${AREAS.map((a) => html`<option value=${a}>${word('area', a)}</option>`)}</select></label>
        <label>${t('ctx.area')}<select name="district"><option value="">${t('admin.all')}</option>${(this.city.districts || []).map((d) => html`<option value=${d.id}>${d.name_zh || d.id}</option>`)}</select></label><label>${t('admin.org_opt')}<input name="org" autocomplete="off" spellcheck="false"></label><label>${t('admin.reason')}<input name="reason" required maxlength="200"></label><div class="row"><button class="primary">${t('grant.propose')}</button></div></form></section>` : nothing}</div>`;
  }

  tokens() {
    this.need('tokens', '/tokens');
    const rows = (d) => recordsOf(Array.isArray(d) ? { items: d } : d.records ? { items: d.records } : d);
    return html`<div class="grid"><section class="card c12" aria-labelledby="h-t"><div class="cardhead"><h2 id="h-t">${t('admin.tab.tokens')}</h2></div>${view(this, 'tokens', (d) => table({ rows: rows(d), columns: [{ label: t('admin.id'), head: true, cell: (r) => html`<code>${r.id}</code>` }, { label: t('token.note'), cell: (r) => r.note || '—' }, { label: t('token.scopes'), cell: (r) => r.scopes || '—' }, { label: t('token.expires'), cell: (r) => (r.expires ? String(r.expires).slice(0, 10) : '—') },
      { label: t('col.state'), cell: (r) => (r.revoked === true || r.revoked === 'true' ? chip('nodata', t('token.revoked')) : html`<button @click=${() => this.act(`/tokens/${encodeURIComponent(r.id)}/revoke`)} aria-label="${t('token.revoke')}: ${r.id}">${t('token.revoke')}</button>`) }] }), { empty: (d) => rows(d).length === 0, hint: t('token.none') })}</section>
      <section class="card c12" aria-labelledby="h-nt"><h2 id="h-nt">${t('token.new')}</h2><form class="form wide3" @submit=${(e) => this.form(e, (v) => this.act('/tokens', { scopes: v.scopes, note: v.note, ...(v.expires ? { expires: `${v.expires}T00:00:00+08:00` } : {}) }, (d) => ({ title: t('token.shown'), secret: d.token || d.secret })))}>
        <label>${t('token.note')}<input name="note" required maxlength="100"></label><label>${t('token.scopes')}<select name="scopes"><option value="write">${t('token.ingest')}</option><option value="read">${t('token.read')}</option></select></label><label>${t('token.expires')}<input name="expires" type="date"></label><div class="row"><button class="primary">${t('admin.add')}</button></div></form></section></div>`;
  }

  audit() {
    const [who, what, from, to] = ['who', 'what', 'from', 'to'].map((k) => this.q.get(k));
    const day = (d, end) => (d ? `${d}T${end ? '23:59:59' : '00:00:00'}+08:00` : null);
    const path = q('/audit', { who, what, from: day(from), to: day(to, true), page: String(this.pageNo), size: '100' });
    this.need('audit', path);
    const field = (k, type) => html`<label class="dim">${t(`audit.${k}`)} <input type=${type} .value=${this.q.get(k) || ''} @change=${(e) => patch({ [k]: e.target.value.trim() || null, page: null })}></label>`;
    return html`<section class="card" aria-labelledby="h-a"><div class="cardhead"><h2 id="h-a">${t('admin.tab.audit')}</h2><span class="unit">${t('audit.rule')}</span></div><div class="filters">${field('who', 'text')}${field('what', 'text')}${field('from', 'date')}${field('to', 'date')}</div>
      ${view(this, 'audit', (d) => html`${table({ caption: t('list.count', { n: num(d.total, 0) }), rows: itemsOf(d), columns: [{ label: t('audit.at'), head: true, cell: (r) => html`<span class="nowrap">${stamp(r.at, true)}</span>` }, { label: t('audit.who'), cell: (r) => r.who || '—' }, { label: t('audit.address'), cell: (r) => html`<code>${r.from || '—'}</code>` }, { label: t('audit.what'), cell: (r) => word('audit.do', r.what) },
    { label: t('audit.object'), cell: (r) => r.object || '—' }, { label: t('audit.result'), cell: (r) => `${word('audit.result', r.result)}${r.n > 1 ? ` ×${num(r.n, 0)}` : ''}` }] })}${d.total > 100 ? pager(d.total, 100, this.pageNo) : nothing}`, { empty: (d) => itemsOf(d).length === 0 })}
      <div class="cardfoot"><span class="grow"></span><span class="out"><a download href=${exportUrl(path, 'csv')}>CSV</a> <a download href=${exportUrl(path, 'xlsx')}>XLSX</a></span></div></section>`;
  }
}
customElements.define('page-admin', PageAdmin);
