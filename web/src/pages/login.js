/* 登录: a token from `qingfeng token add` becomes a session. /login?token=… does it at once and cleans the address. */
import { html, nothing } from '../lib/lit.js';
import { Page } from '../lib/page.js';
import { t } from '../lib/i18n.js';
import { post } from '../lib/api.js';
import { href, go } from '../lib/url.js';

class PageLogin extends Page {
  static properties = { ...Page.properties, error: { state: true }, busy: { state: true } };

  connectedCallback() {
    super.connectedCallback();
    const token = this.q.get('token');
    if (token) {
      history.replaceState(null, '', href('/login')); // a token must not stay in the address bar or the history
      this.send(token);
    }
  }

  async send(token) {
    this.busy = true;
    this.error = null;
    try {
      await post('/login', { token }, this.city.csrf);
      this.dispatchEvent(new CustomEvent('city-changed', { bubbles: true }));
      go(href('/'));
    } catch (e) {
      this.error = e;
    }
    this.busy = false;
  }

  submit(e) {
    e.preventDefault();
    const v = new FormData(e.target).get('token').trim();
    if (v) this.send(v);
    else this.error = new Error(t('login.missing'));
  }

  render() {
    return html`<div class="grid"><section class="card c6"><div class="head"><h1>${t('nav.login')}</h1></div>
      <form class="form" @submit=${(e) => this.submit(e)}>
        ${this.error ? html`<div class="err" role="alert">${this.error.message}</div>` : nothing}
        <label for="token">${t('login.token')}</label><input id="token" name="token" type="password" autocomplete="current-password" spellcheck="false">
        <p class="dim">${t('login.how')} <code>qingfeng token add</code></p>
        <div class="row"><button class="primary" ?disabled=${this.busy}>${t('login.go')}</button></div></form></section></div>`;
  }
}
customElements.define('page-login', PageLogin);
