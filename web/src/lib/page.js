/* What every page shares: it draws from the address, asks for what it needs while drawing, and knows four states of an
 * answer: loading, ready, error (nothing to show) and stale (an older answer is shown, with its age). */
import { LitElement } from './lit.js';
import { here, onNav } from './url.js';
import { get } from './api.js';
import { onLive } from './live.js';
import { onTheme } from './theme.js';
import { period, range } from './period.js';

/** @typedef {{path: ?string, state: 'idle'|'loading'|'ready'|'error', data: any, error: ?Error, at: number, shown: ?string}} Res */

export class Page extends LitElement {
  static properties = { city: { attribute: false }, route: { attribute: false } };

  constructor() {
    super();
    /** @type {Map<string, Res>} */
    this.slots = new Map();
    this.stops = [];
    this.alive = true;
    this.refreshed = Date.now();
  }

  createRenderRoot() {
    return this;
  }

  connectedCallback() {
    super.connectedCallback();
    this.classList.add('page');
    this.stops = [onNav(() => this.requestUpdate()), onTheme(() => this.requestUpdate()), onLive((e) => this.live(e))];
  }

  disconnectedCallback() {
    super.disconnectedCallback();
    this.alive = false;
    for (const s of this.stops) s();
  }

  /** Live news: pages that show figures ask again, at most every 20 s and never while the reader is choosing. */
  live(e) {
    if (!this.follows || Date.now() - this.refreshed < 20000 || document.hidden) return;
    const f = document.activeElement;
    if (f && /^(INPUT|SELECT|TEXTAREA)$/.test(f.tagName)) return;
    this.refreshed = Date.now();
    this.again();
  }

  /** Ask everything again, keeping what is shown. */
  again() {
    for (const [name, r] of this.slots) if (r.path) this.fetchInto(name, r.path);
  }

  get q() {
    return here().q;
  }
  get period() {
    return period(this.q.get('r'), this.city.latest_month);
  }
  get range() {
    return range(this.q.get('t'), this.city.now);
  }

  /** Need an answer: starts the request when the path is new; the earlier answer stays visible meanwhile.
   * @param {string} name @param {?string} path null: not needed now @returns {Res} */
  need(name, path) {
    let r = this.slots.get(name);
    if (!r) {
      r = { path: null, state: 'idle', data: undefined, error: null, at: 0, shown: null };
      this.slots.set(name, r);
    }
    if (path === null) {
      Object.assign(r, { path: null, state: 'idle', data: undefined, shown: null });
    } else if (r.path !== path) {
      r.path = path;
      r.state = 'loading';
      this.fetchInto(name, path);
    }
    return r;
  }

  async fetchInto(name, path) {
    const r = this.slots.get(name);
    try {
      const data = await get(path);
      if (r.path !== path || !this.alive) return;
      Object.assign(r, { state: 'ready', data, error: null, at: Date.now(), shown: path });
    } catch (e) {
      if (r.path !== path || !this.alive) return;
      if (r.shown !== path) r.data = undefined; // never show another question's answer as this one's
      Object.assign(r, { state: 'error', error: e });
    }
    this.requestUpdate();
  }

  retry(name) {
    const r = this.slots.get(name);
    r.state = 'loading';
    this.requestUpdate();
    this.fetchInto(name, r.path);
  }
}
