/* 本人: password, second factor with its recovery codes shown once, my roles, delegation of my work. */
import { html, nothing } from '../lib/lit.js';
import { Page } from '../lib/page.js';
import { t, word } from '../lib/i18n.js';
import { send } from '../lib/api.js';
import { me, csrf, may } from '../lib/me.js';
import { href } from '../lib/url.js';
import { itemsOf } from '../lib/filing.js';
import { table } from '../parts/bits.js';
import { view } from '../parts/states.js';
import { toast } from '../parts/copy.js';

class PageAccount extends Page {
  static properties = { ...Page.properties, error: { state: true }, totp: { state: true } };

  render() {
    const u = me().user;
    if (!u) return html`<div class="head"><h1>${t('account.title')}</h1></div><p>${t('state.login')} <a href=${href('/login')}>${t('nav.login')}</a></p>`;
    const delegates = may('delegate');
    this.need('delegations', delegates ? '/delegations' : null);
    return html`<div class="head"><h1>${t('account.title')}</h1><span class="sub">${u.name}</span></div>
      ${u.must === 'password' ? html`<p class="note" role="status"><b>${t('account.must')}</b></p>` : nothing}
      ${this.error ? html`<p class="note bad" role="alert" tabindex="-1" id="acc-err">${this.error.message}</p>` : nothing}
      <div class="grid"><section class="card c6" aria-labelledby="h-pw"><h2 id="h-pw">${t('account.password')}</h2><form class="form" @submit=${(e) => this.password(e)}>
        ${u.must === 'password' ? nothing : html`<label for="old">${t('account.old')}</label><input id="old" name="old" type="password" autocomplete="current-password">`}
        <label for="new">${t('account.new')}</label><input id="new" name="new" type="password" autocomplete="new-password" aria-describedby="pw-rule"><p class="small dim" id="pw-rule">${t('account.rule')}</p>
        <div class="row"><button class="primary">${t('account.save')}</button></div></form></section>
      <section class="card c6" aria-labelledby="h-2f"><h2 id="h-2f">${t('account.totp')}</h2>${this.second(u)}</section>
      <section class="card c12" aria-labelledby="h-roles"><h2 id="h-roles">${t('account.roles')}</h2>${table({ rows: u.roles || [], columns: [{ label: t('admin.role'), head: true, cell: (r) => word('role', r.role) }, { label: t('admin.area'), cell: (r) => (r.area ? word('area', r.area) : t('admin.all')) },
    { label: t('ctx.area'), cell: (r) => r.district || t('admin.all') }, { label: t('admin.org'), cell: (r) => r.org || '—' }] })}</section>
      ${delegates ? this.delegations() : nothing}</div>`;
  }

  second(u) {
    const s = this.totp;
    if (s && s.recovery) return html`<p><b>${t('account.recovery')}</b></p><ul class="codes">${s.recovery.map((c) => html`<li><code>${c}</code></li>`)}</ul>`;
    if (s) {
      return html`<p>${t('account.scan')}</p><p><code class="big">${s.secret}</code></p><p class="small"><a href=${s.uri}>${t('account.app')}</a></p>
        <form class="form" @submit=${(e) => this.confirm(e)}><label for="code">${t('login.code')}</label><input id="code" name="code" inputmode="numeric" autocomplete="one-time-code"><div class="row"><button class="primary">${t('account.confirm')}</button></div></form>`;
    }
    return html`<p>${t(u.totp ? 'account.totp_on' : 'account.totp_off')}</p>${u.totp || u.setup ? nothing : html`<button @click=${() => this.begin()}>${t('account.begin')}</button>`}`;
  }

  async attempt(fn) {
    this.error = null;
    try {
      await fn();
    } catch (e) {
      this.error = e;
      await this.updateComplete;
      this.querySelector('#acc-err')?.focus();
    }
  }
  password(e) {
    e.preventDefault();
    const f = e.target;
    const v = Object.fromEntries(new FormData(f));
    this.attempt(async () => {
      await send('POST', '/me/password', { old: v.old || '', new: v.new }, { csrf: csrf() });
      f.reset();
      toast(t('account.saved'));
      this.dispatchEvent(new CustomEvent('city-changed', { bubbles: true }));
    });
  }
  begin() {
    this.attempt(async () => { this.totp = (await send('POST', '/me/totp', { step: 'begin' }, { csrf: csrf() })).data; });
  }
  confirm(e) {
    e.preventDefault();
    const code = new FormData(e.target).get('code').trim();
    this.attempt(async () => {
      this.totp = (await send('POST', '/me/totp', { step: 'confirm', code }, { csrf: csrf() })).data;
      this.dispatchEvent(new CustomEvent('city-changed', { bubbles: true }));
    });
  }

  delegations() {
    return html`<section class="card c12" aria-labelledby="h-del"><h2 id="h-del">${t('delegate.title')}</h2><p class="dim">${t('delegate.how')}</p>
      ${view(this, 'delegations', (d) => table({ rows: itemsOf(d), columns: [{ label: t('delegate.to'), head: true, cell: (r) => `${r.from && r.from !== me().user.id ? `${r.from} → ` : ''}${r.to_name || r.to}` }, { label: t('delegate.from_day'), cell: (r) => r.from_day }, { label: t('delegate.to_day'), cell: (r) => r.to_day },
    { label: t('admin.reason'), cell: (r) => r.reason }, { label: t('col.state'), cell: (r) => (r.ended || r.state === 'ended' ? t('delegate.ended') : html`<button @click=${() => this.attempt(async () => { await send('POST', `/delegations/${encodeURIComponent(r.id)}/end`, {}, { csrf: csrf() }); this.again(); })}>${t('delegate.end')}</button>`) }] }), { empty: (d) => itemsOf(d).length === 0, hint: t('delegate.none') })}
      <form class="form wide3" @submit=${(e) => this.delegate(e)}><label>${t('delegate.to')}<input name="to" required autocomplete="off" spellcheck="false"></label><label>${t('delegate.from_day')}<input name="from_day" type="date" required></label>
        <label>${t('delegate.to_day')}<input name="to_day" type="date" required></label><label>${t('admin.reason')}<input name="reason" required maxlength="200"></label><div class="row"><button>${t('delegate.go')}</button></div></form></section>`;
  }
  delegate(e) {
    e.preventDefault();
    const f = e.target;
    this.attempt(async () => { await send('POST', '/delegations', Object.fromEntries(new FormData(f)), { csrf: csrf() }); f.reset(); this.again(); });
  }
}
customElements.define('page-account', PageAccount);
