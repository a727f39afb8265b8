/* The second factor where it is asked for: who has one signs in again with its code, who has none sets one up, both in place.
 * Shown by an error whose `where.need` is "totp"; tells "city-changed" when this session is stronger. */
import { LitElement, html, nothing } from '../lib/lit.js';
import { t } from '../lib/i18n.js';
import { send } from '../lib/api.js';
import { me, csrf } from '../lib/me.js';

class QfSecond extends LitElement {
  static properties = { error: { state: true }, made: { state: true }, retry: { attribute: false } };

  createRenderRoot() {
    return this;
  }

  render() {
    const u = me().user;
    if (!u) return nothing;
    const problem = this.error ? html`<div class="err" role="alert" tabindex="-1" id="second-err">${this.error.message}</div>` : nothing;
    if (this.made && this.made.recovery) {
      return html`<section class="confirm" id="second"><h2>${t('account.recovery')}</h2><ul class="codes">${this.made.recovery.map((c) => html`<li><code>${c}</code></li>`)}</ul><div class="row"><button class="primary" @click=${() => this.done()}>${t('second.go_on')}</button></div></section>`;
    }
    const code = html`<label for="second-code">${t('login.code')}</label><input id="second-code" name="code" inputmode="numeric" autocomplete="one-time-code" spellcheck="false" maxlength="30" aria-describedby="second-hint"><p class="small dim" id="second-hint">${t('login.code_hint')}</p>`;
    const form = (fields, word) => html`<form class="form" @submit=${(e) => this.submit(e)}>${problem}${fields}<div class="row"><button class="primary">${word}</button></div></form>`;
    return html`<section class="confirm" id="second" aria-labelledby="second-h"><h2 id="second-h">${t('second.title')}</h2><p>${t(u.totp ? 'second.again' : 'second.none')}</p>
      ${u.totp ? form(html`<label for="second-pw">${t('login.password')}</label><input id="second-pw" name="password" type="password" autocomplete="current-password">${code}`, t('account.confirm'))
    : this.made ? html`<p>${t('account.scan')}</p><p><code class="big">${this.made.secret}</code></p><p class="small"><a href=${this.made.uri}>${t('account.app')}</a></p>${form(code, t('account.confirm'))}`
      : html`${problem}<div class="row"><button class="primary" @click=${() => this.attempt(async () => { this.made = (await send('POST', '/me/totp', { step: 'begin' }, { csrf: csrf() })).data; }, '#second-code')}>${t('account.begin')}</button></div>`}</section>`;
  }

  async attempt(fn, focus) {
    this.error = null;
    try {
      await fn();
      await this.updateComplete;
      this.querySelector(focus || '#second')?.focus();
    } catch (e) {
      this.error = e;
      await this.updateComplete;
      this.querySelector('#second-err')?.focus();
    }
  }
  submit(e) {
    e.preventDefault();
    const v = Object.fromEntries(new FormData(e.target));
    const code = v.code.trim();
    if (me().user.totp) {
      return this.attempt(async () => {
        await send('POST', '/login', { user: me().user.id, password: v.password, code }, {});
        this.done();
      });
    }
    return this.attempt(async () => { this.made = (await send('POST', '/me/totp', { step: 'confirm', code }, { csrf: csrf() })).data; });
  }
  async done() {
    await new Promise((ok) => this.dispatchEvent(new CustomEvent('city-changed', { bubbles: true, detail: { done: ok } })));
    this.made = null;
    if (this.retry) this.retry();
  }
}
customElements.define('qf-second', QfSecond);
