/* 登录: user and password, second factor when it is asked for; or the one-time link /login?token=… which is taken out of the address at
 * once. In a sample city who came by the owner's link may then take the seat of an invented person. */
import { html, nothing } from '../lib/lit.js';
import { Page } from '../lib/page.js';
import { t, nm, word } from '../lib/i18n.js';
import { send, q } from '../lib/api.js';
import { me, csrf } from '../lib/me.js';
import { href, go, patch } from '../lib/url.js';
import { itemsOf } from '../lib/filing.js';
import { table, searchBox } from '../parts/bits.js';
import { view } from '../parts/states.js';

class PageLogin extends Page {
  static properties = { ...Page.properties, error: { state: true }, busy: { state: true }, need2: { state: true } };

  connectedCallback() {
    super.connectedCallback();
    const token = this.q.get('token');
    if (token) {
      history.replaceState(null, '', href('/login')); // a token must not stay in the address bar or the history
      this.enter({ token });
    }
  }

  async enter(body) {
    this.busy = true;
    this.error = null;
    try {
      const { data } = await send('POST', '/login', body, {});
      await this.changed();
      const u = (data && data.user) || {};
      go(u.must === 'password' ? href('/account') : me().user && me().sample && me().user.setup ? href('/login', { seat: '1' }) : href(this.q.get('to') || '/'));
    } catch (e) {
      this.need2 = e.where && ['code', 'totp'].includes(e.where.need) && body.user ? body : null;
      this.error = this.need2 && !body.code ? null : e;
      await this.updateComplete;
      const el = this.querySelector(this.need2 ? '#code' : '.err');
      if (el) el.focus();
    }
    this.busy = false;
  }
  changed() {
    return new Promise((done) => this.dispatchEvent(new CustomEvent('city-changed', { bubbles: true, detail: { done } })));
  }

  submit(e) {
    e.preventDefault();
    const v = Object.fromEntries(new FormData(e.target));
    if (this.need2) this.enter({ ...this.need2, code: v.code.trim() });
    else if (v.user.trim() && v.password) this.enter({ user: v.user.trim(), password: v.password });
    else this.error = new Error(t('login.both'));
  }

  async seat(id) {
    try {
      await send('POST', `/users/${encodeURIComponent(id)}/act`, {}, { csrf: csrf() });
      await this.changed();
      go(href(me().pages.includes('work') ? '/work' : me().pages.includes('admin') ? '/admin' : '/', { seat: null }));
    } catch (e) {
      this.error = e;
    }
  }

  render() {
    if (me().user) return this.seats();
    return html`<div class="grid"><section class="card c6 narrow sign-in"><div class="head"><h1>${t('nav.login')}</h1></div>
      <form class="form" @submit=${(e) => this.submit(e)}>
        ${this.error ? html`<div class="err" role="alert" tabindex="-1">${this.error.message}</div>` : nothing}
        ${this.need2 ? html`<label for="code">${t('login.code')}</label><input id="code" name="code" inputmode="numeric" autocomplete="one-time-code" spellcheck="false" maxlength="30"><p class="small dim">${t('login.code_hint')}</p>`
    : html`<label for="user">${t('login.user')}</label><input id="user" name="user" autocomplete="username" spellcheck="false" autocapitalize="none">
          <label for="password">${t('login.password')}</label><input id="password" name="password" type="password" autocomplete="current-password">`}
        <div class="row"><button class="primary" ?disabled=${this.busy}>${t('login.go')}</button>${this.need2 ? html`<button type="button" @click=${() => { this.need2 = null; }}>${t('do.cancel')}</button>` : nothing}</div>
        <p class="dim small">${t('login.link')} <code>qingfeng user link</code></p></form></section></div>`;
  }

  /** Signed in: who one is, and in a sample city the seats one may take. */
  seats() {
    const u = me().user;
    const open = me().sample && (u.setup || u.acting);
    const path = open ? q('/users', { q: this.q.get('q'), size: '50' }) : null;
    const can = open && !u.acting;
    this.need('users', can ? path : null);
    return html`<div class="head"><h1>${t(can ? 'seat.title' : 'nav.login')}</h1><span class="sub">${u.name}</span></div>${this.error ? html`<p class="note bad" role="alert">${this.error.message}</p>` : nothing}
      ${u.acting ? html`<section class="card"><p>${t('seat.acting', { name: u.name })}</p><div class="row"><button class="primary" @click=${() => this.seat('setup')}>${t('seat.leave')}</button></div></section>`
    : can ? html`<section class="card"><p>${t('seat.how')}</p><div class="filters">${searchBox('seat-q', t('admin.search_users'), this.q.get('q'), (v) => patch({ q: v }, true))}</div>
        ${view(this, 'users', (d) => table({ caption: t('seat.title'), rows: itemsOf(d).filter((x) => x.sample), columns: [{ label: t('admin.name'), head: true, cell: (r) => r.name }, { label: t('admin.roles'), cell: (r) => String(r.roles || '').split(' ').filter(Boolean).map((x) => word('role', x)).join(' · ') || '—' },
        { label: t('admin.org'), cell: (r) => r.org_name || r.org || '—' }, { label: t('seat.take'), cell: (r) => html`<button @click=${() => this.seat(r.id)} aria-label="${t('seat.take')}: ${r.name}">${t('seat.take')}</button>` }] }), { empty: (d) => itemsOf(d).length === 0 })}</section>`
      : html`<p>${t('login.already')} <a href=${href('/')}>${t('nav.cockpit')}</a></p>`}`;
  }
}
customElements.define('page-login', PageLogin);
