/* The shell: top bar, context bar, the page that the address names. */
import { LitElement, html, nothing } from './lib/lit.js';
import { useLanguage, t, nm, language } from './lib/i18n.js';
import { here, href, go, patch, onNav, captureLinks } from './lib/url.js';
import { applyTheme, theme, remember, recall } from './lib/theme.js';
import { get, post } from './lib/api.js';
import { me, loadMe, csrf, sees, may } from './lib/me.js';
import { forgetAll } from './lib/draft.js';
import { begin } from './lib/ready.js';
import * as live from './lib/live.js';
import { installKeys } from './lib/keys.js';
import { num, stamp, pct } from './lib/format.js';
import { period, periodName } from './lib/period.js';
import { failed } from './parts/states.js';
import { searchBox } from './parts/bits.js';
import { context } from './parts/context.js';
import { helpDialog } from './parts/help.js';
import './parts/chart.js';
import './pages/cockpit.js';
import './pages/enterprises.js';
import './pages/enterprise.js';
import './pages/figure.js';
import './pages/points.js';
import './pages/alarms.js';
import './pages/collectors.js';
import './pages/open.js';
import './pages/login.js';
import './pages/account.js';
import './pages/work.js';
import './pages/filing.js';
import './pages/list.js';
import './pages/campaign.js';
import './pages/findings.js';
import './pages/admin.js';
import './pages/area.js';

const ROUTES = [
  [/^\/$/, (p) => html`<page-cockpit .city=${p.city} .route=${{}}></page-cockpit>`, 'nav.cockpit'],
  [/^\/e$/, (p) => html`<page-enterprises .city=${p.city} .route=${{}}></page-enterprises>`, 'nav.enterprises'],
  [/^\/e\/([^/]+)$/, (p, m) => html`<page-enterprise .city=${p.city} .route=${{ id: m }}></page-enterprise>`, 'nav.enterprises'],
  [/^\/m\/([^/]+)$/, (p, m) => html`<page-figure .city=${p.city} .route=${{ id: m }}></page-figure>`, 'nav.figure'],
  [/^\/a\/([^/]+)$/, (p, m) => html`<page-area .city=${p.city} .route=${{ id: m }}></page-area>`, 'nav.areas'],
  [/^\/points$/, (p) => html`<page-points .city=${p.city} .route=${{}}></page-points>`, 'nav.points'],
  [/^\/collectors$/, (p) => html`<page-collectors .city=${p.city} .route=${{}}></page-collectors>`, 'nav.collectors'],
  [/^\/open$/, (p) => html`<page-open .city=${p.city} .route=${{}}></page-open>`, 'nav.open'],
  [/^\/alarms$/, (p) => html`<page-alarms .city=${p.city} .route=${{}}></page-alarms>`, 'nav.alarms'],
  [/^\/login$/, (p) => html`<page-login .city=${p.city} .route=${{}}></page-login>`, 'nav.login'],
  [/^\/account$/, (p) => html`<page-account .city=${p.city} .route=${{}}></page-account>`, 'account.title'],
  [/^\/work$/, (p) => html`<page-work .city=${p.city} .route=${{}}></page-work>`, 'nav.work'],
  [/^\/f\/([^/]+)$/, (p, m) => html`<page-filing .city=${p.city} .route=${{ id: m }}></page-filing>`, 'filing.title'],
  [/^\/r$/, (p) => html`<page-list .city=${p.city} .route=${{}}></page-list>`, 'nav.forms'],
  [/^\/r\/([^/]+)$/, (p, m) => html`<page-list .city=${p.city} .route=${{ id: m }}></page-list>`, 'nav.forms'],
  [/^\/campaign$/, (p) => html`<page-campaign .city=${p.city} .route=${{}}></page-campaign>`, 'nav.campaign'],
  [/^\/findings$/, (p) => html`<page-findings .city=${p.city} .route=${{}}></page-findings>`, 'nav.findings'],
  [/^\/admin$/, (p) => html`<page-admin .city=${p.city} .route=${{}}></page-admin>`, 'nav.admin'],
];
/* path, word, and the page of /me that must be open to the reader ('' for everybody) */
const NAV = [['/', 'nav.cockpit', ''], ['/a/industry', 'nav.areas', ''], ['/work', 'nav.work', 'work'], ['/campaign', 'nav.campaign', 'work'], ['/r', 'nav.forms', 'filings'], ['/e', 'nav.enterprises', ''], ['/m/industry.energy_total', 'nav.figure', ''], ['/findings', 'nav.findings', ''],
  ['/points', 'nav.points', ''], ['/alarms', 'nav.alarms', ''], ['/admin', 'nav.admin', 'admin']];
/** Without a login a real city shows these only; a sample city shows all. */
const FREE = /^\/(login|open)(\/|$)/;
/** Pages of work have no period and area of the city, and no room to lose. */
const PLAIN = /^\/(login|account|work|campaign|findings|collectors|open|admin|f|r)(\/|$)/;

class QfApp extends LitElement {
  static properties = { city: { state: true }, error: { state: true }, alarms: { state: true }, todo: { state: true } };

  constructor() {
    super();
    this.city = null;
    this.error = null;
    this.alarms = null;
    this.help = false;
    this.end = begin();
  }

  createRenderRoot() {
    return this;
  }

  async connectedCallback() {
    super.connectedCallback();
    captureLinks();
    onNav((walk) => this.navigated(walk));
    installKeys(() => this.city, () => { this.help = true; this.requestUpdate(); });
    await this.load();
    live.start();
    live.onLive((e) => this.news(e));
    live.onLiveState(() => this.requestUpdate());
    this.addEventListener('city-changed', async (e) => { await this.load(); if (e.detail && e.detail.done) e.detail.done(); });
    this.addEventListener('work-changed', () => this.countWork());
    setInterval(() => { if (!document.hidden) this.countWork(); }, 120000);
  }

  async load() {
    try {
      const [city, m] = await Promise.all([get('/city'), loadMe()]);
      this.city = { ...city, user: m.user || city.user, csrf: m.csrf || city.csrf };
      this.error = null;
      this.countAlarms();
      this.countWork();
    } catch (e) {
      this.error = e;
    }
    this.end();
  }

  async countAlarms() {
    try {
      this.alarms = (await get('/alarms?active=1')).total;
    } catch {
      this.alarms = null; // the badge is left out; the alarms page itself says what is wrong
    }
  }

  async countWork() {
    try {
      const c = me().user && sees('work') ? (await get('/tasks?view=todo&size=1')).counts : null;
      this.todo = c && c.all !== undefined ? c.all : null;
    } catch {
      this.todo = null;
    }
  }

  async navigated(walk) {
    const want = here().q.get('lang');
    if (want && want !== language()) {
      const end = begin();
      await useLanguage(want);
      end();
      for (const p of this.querySelectorAll('main > *')) p.requestUpdate();
    }
    applyTheme();
    this.requestUpdate();
    if (!walk) return;
    await this.updateComplete;
    const m = this.querySelector('main');
    if (m) m.focus({ preventScroll: true });
  }

  /** Live news: the clock of the context bar and the number of alarms; the whole city again once a minute. */
  news(e) {
    if (e.city) this.city = e.city;
    else if (e.seq) this.city = { ...this.city, seq: e.seq };
    if (e.alarms && e.alarms.length) this.countAlarms();
    if (!this.asked || Date.now() - this.asked > 30000) {
      if (this.asked) get('/city').then((c) => { this.city = { ...c, user: this.city.user, csrf: this.city.csrf, now: this.city.now, live: c.now }; }, () => {});
      this.asked = Date.now();
    }
  }

  /** A wall screen or address may name the language: then the choice goes into the address, else it is remembered. */
  async speak(l) {
    remember('lang', l);
    if (here().q.has('lang')) patch({ lang: l }, true);
    const end = begin();
    await useLanguage(l);
    end();
    this.requestUpdate();
    for (const p of this.querySelectorAll('main > *')) p.requestUpdate();
  }

  shade() {
    const next = theme() === 'dark' ? 'light' : 'dark';
    remember('theme', next);
    if (here().q.has('theme')) patch({ theme: next }, true);
    applyTheme();
    this.requestUpdate();
  }

  async leave() {
    await post('/logout', {}, csrf() || this.city.csrf);
    forgetAll(); // desks are shared: no draft stays behind
    await this.load();
    go(href('/login'));
  }

  render() {
    const kiosk = here().q.get('kiosk') === '1';
    document.documentElement.toggleAttribute('data-kiosk', kiosk);
    if (!this.city) return this.error ? html`<main>${failed(this.error, () => this.load())}</main>` : nothing;
    const { path } = here();
    const found = ROUTES.map(([re, draw, title]) => ({ m: re.exec(path), draw, title })).find((r) => r.m);
    const shut = !this.city.user && !this.city.sample && !FREE.test(path);
    document.title = `${found ? t(found.title) : t('page.none')} · ${t('app.name')}`;
    return html`<a class="skip" href="#main">${t('nav.skip')}</a>${this.top(path)}${this.city.sample ? html`<div class="sample" role="note"><b>${t('sample.short')}</b>
        <span>${t('sample.long')}</span></div>` : nothing}
      ${this.acting()}${shut || PLAIN.test(path) ? nothing : context(this)}${this.printHead()}
      <main id="main" tabindex="-1">${shut ? this.shut(found, path) : found ? found.draw(this, found.m[1] ? decodeURIComponent(found.m[1]) : undefined)
        : html`<div class="head"><h1>${t('page.none')}</h1></div><p><a href=${href('/')}>${t('nav.cockpit')}</a></p>`}</main>
      ${this.bottom()}${this.help ? helpDialog(() => { this.help = false; this.requestUpdate(); }) : nothing}`;
  }

  /** One word for the whole page, not a refusal in every card. */
  shut(found, path) {
    return html`<div class="head"><h1>${t(found ? found.title : 'page.none')}</h1></div><div class="state empty">${t('state.login')} <a href=${href('/login', { to: path })}>${t('nav.login')}</a> · <a href=${href('/open')}>${t('nav.open')}</a></div>`;
  }

  updated() {
    if (this.help) this.querySelector(':scope > dialog:not([open])')?.showModal();
  }

  acting() {
    const u = me().user;
    return u && u.acting ? html`<div class="acting" role="note"><span>${t('seat.acting', { name: u.name })}</span> <a href=${href('/login', { seat: '1' })}>${t('seat.change')}</a></div>` : nothing;
  }

  top(path) {
    const cur = (p) => (p === '/' ? path === '/' : /^\/[am]\//.test(p) ? path.startsWith(p.slice(0, 3)) : path === p || path.startsWith(p + '/') || (p === '/r' && path.startsWith('/f/')));
    const user = this.city.user;
    const links = NAV.filter(([, , page]) => !page || sees(page) || (page === 'admin' && may('propose')));
    return html`<header class="top ${links.length > 7 ? 'many' : ''}"><a class="mark" href=${href('/')}>
      <svg viewBox="0 0 32 32" aria-hidden="true" fill="none" stroke="currentColor" stroke-width="2.4" stroke-linecap="round"><path d="M4 12h15a3.6 3.6 0 1 0-3.4-4.8"></path>
        <path d="M4 17h22" stroke="#7FD0C2"></path><path d="M4 22h13a3.2 3.2 0 1 1-3 4.3"></path></svg>
      <span><b>${t('app.name')}</b><span>${nm(this.city.name)} · ${t('app.what')}</span></span></a>
      <nav aria-label=${t('nav.label')}><ul>${links.map(([p, k]) => html`<li><a href=${href(p)} aria-current=${cur(p) ? 'page' : nothing}>${t(k)}${p === '/alarms' && this.alarms
        ? html`<span class="badge">${num(this.alarms, 0)}</span>` : p === '/work' && this.todo ? html`<span class="badge calm">${num(this.todo, 0)}</span>` : nothing}</a></li>`)}</ul></nav>
      <div class="tools">${searchBox('q', t('nav.search'), path === '/e' ? here().q.get('q') : '', (v) => { if (v || path === '/e') go(href('/e', { q: v }), path === '/e'); })}
        <button @click=${() => this.speak(language() === 'zh' ? 'en' : 'zh')} lang=${language() === 'zh' ? 'en' : 'zh-CN'}>${language() === 'zh' ? 'English' : '中文'}</button>
        <button @click=${() => this.shade()} aria-label=${t(theme() === 'dark' ? 'theme.to_light' : 'theme.to_dark')}>${theme() === 'dark' ? '☀' : '☾'}</button>
        ${user ? html`<a class="btn" href=${href('/account')}>${user.name}</a><button @click=${() => this.leave()}>${t('nav.logout')}</button>` : html`<a class="btn" href=${href('/login')}>${t('nav.login')}</a>`}
      </div></header>`;
  }

  printHead() {
    const p = period(here().q.get('r'), this.city.latest_month);
    return html`<div class="printhead">${t('app.name')} · ${nm(this.city.name)} · ${periodName(p.from, p.to)} · ${t('print.at')} ${stamp(Date.now())}
      ${this.city.user ? ' · ' + this.city.user.name : ''}${this.city.sample ? ' · ' + t('sample.short') : ''}</div>`;
  }

  bottom() {
    return html`<footer class="foot"><span>${t('foot.rule')}</span><span>${t('foot.zone')}</span><span>${t('src.seq')} ${num(this.city.seq, 0)}</span>
      <span><a href="/openapi.json">API</a></span><span><a href=${href('/open')}>${t('nav.open')}</a></span><span><button class="linkish" @click=${() => { this.help = true; this.requestUpdate(); }}>${t('help.title')}</button></span></footer>`;
  }

  /** Share of points that are fresh, as text. */
  get onlineText() {
    const o = this.city.online;
    return o && o.points ? pct(o.fresh / o.points) : '—';
  }
}

async function main() {
  applyTheme();
  const system = (navigator.language || 'zh').toLowerCase().startsWith('zh') ? 'zh' : 'en';
  await useLanguage(here().q.get('lang') || recall('lang') || system);
  customElements.define('qf-app', QfApp);
}
main();
