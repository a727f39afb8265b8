/* One filing under the hands: rows and explanations as typed, kept locally at once, saved to the server a moment later with its
 * version, judged while typing. The page draws; this decides nothing about looks. */
import { tagged, send, get } from './api.js';
import { csrf } from './me.js';
import { begin } from './ready.js';
import { keep, kept, forget, merge } from './draft.js';
import { pathOf, rowKey } from './filing.js';
import { bare } from './cells.js';

const SAVE_MS = 1500;
const CHECK_MS = 500;

export class Desk {
  /** @param {string} id @param {() => void} changed called when something to be drawn has changed */
  constructor(id, changed) {
    Object.assign(this, { id, changed, filing: null, type: null, etag: null, base: [], rows: [], explain: {}, findings: [], error: null, state: 'loading', conflict: null, restored: null, saver: 0, checker: 0,
      checkRun: 0, checkError: null, savedAt: 0, dirty: false, busy: false, local: true, waiting: null });
  }

  async open() {
    try {
      const { data, etag } = await tagged(pathOf(this.id));
      this.type = await get(`/types/${encodeURIComponent(data.form)}`);
      this.take(data, etag);
      const mine = kept(this.id);
      if (mine && this.editable && JSON.stringify([mine.rows, mine.explain]) !== JSON.stringify([this.rows, this.explain])) this.recover(mine);
      else if (mine) forget(this.id);
      this.state = 'ready';
    } catch (e) {
      Object.assign(this, { error: e, state: 'error' });
    }
    this.changed();
  }

  take(data, etag) {
    const rows = this.plain(data.rows);
    Object.assign(this, { filing: data, etag, rows, base: rows, explain: data.explain || {}, findings: Array.isArray(data.findings) ? data.findings : [], dirty: false });
  }
  /** Rows with amounts as people write them: 0, not 0.000000. */
  plain(rows) {
    const amounts = this.type.columns.filter((c) => /DECIMAL|DOUBLE/i.test(c.type)).map((c) => c.name);
    return (rows || []).map((r) => ({ ...r, ...Object.fromEntries(amounts.filter((n) => r[n] !== undefined).map((n) => [n, bare(r[n])])) }));
  }
  get editable() {
    return Boolean(this.filing && (this.filing.can || []).includes('edit'));
  }
  key = (r) => rowKey(this.type, r);

  /** What this computer still had: same version, it is taken up; another version, the difference is shown. */
  recover(mine) {
    this.restored = mine.at;
    if (String(mine.version) === String(this.filing.version)) this.change(mine.rows, mine.explain);
    else this.conflict = { theirs: this.filing, etag: this.etag, ...merge(mine.base || [], mine.rows, this.plain(this.filing.rows), this.key), mine };
  }

  /** @param {?object[]} rows @param {?object} explain */
  change(rows, explain) {
    if (rows) this.rows = rows;
    if (explain) this.explain = explain;
    this.dirty = true;
    this.local = keep(this.id, { version: this.filing.version, rows: this.rows, explain: this.explain, base: this.base, at: Date.now() });
    clearTimeout(this.saver);
    clearTimeout(this.checker);
    this.waiting = this.waiting || begin(); // until this is saved and judged the page is not at rest
    this.saver = this.conflict ? 0 : setTimeout(() => this.save(), SAVE_MS);
    this.checker = setTimeout(() => this.check(), CHECK_MS);
    this.changed();
  }
  /** Nothing waits for its time or its answer any more. */
  rest() {
    if (this.saver || this.checker || this.busy || !this.waiting) return;
    this.waiting();
    this.waiting = null;
  }

  async check() {
    const run = ++this.checkRun;
    const timer = this.checker;
    try {
      const r = await send('POST', '/filings/check', { form: this.filing.form, sheet: this.sheet, rows: this.rows, explain: this.explain }, { csrf: csrf() });
      if (run !== this.checkRun) return; // an older question
      this.findings = r.data.findings || [];
      this.checkError = null;
    } catch (e) {
      if (run === this.checkRun) this.checkError = e;
    }
    if (this.checker === timer) this.checker = 0; // nothing was typed meanwhile
    this.changed();
    this.rest();
  }
  get sheet() {
    const s = this.filing.sheet;
    if (s && typeof s === 'object') return s;
    return Object.fromEntries(this.type.sheet.map((k) => [k, this.filing[k]]));
  }

  /** Save now. @returns {Promise<boolean>} is the server's draft what is shown? */
  async save() {
    clearTimeout(this.saver);
    this.saver = 0;
    while (this.busy) await this.busy;
    if (!this.dirty || this.conflict) {
      this.rest();
      return !this.dirty;
    }
    const sent = [this.rows, this.explain];
    const work = this.put(sent);
    this.busy = work;
    const ok = await work;
    this.busy = false;
    this.changed();
    this.rest();
    return ok && this.dirty ? this.save() : ok;
  }

  async put([rows, explain]) {
    try {
      const r = await send('PUT', pathOf(this.id), { rows, explain }, { csrf: csrf(), etag: this.etag });
      this.etag = r.etag || (r.data && r.data.version !== undefined ? `"${r.data.version}"` : this.etag);
      if (r.data && r.data.version !== undefined) this.filing.version = r.data.version;
      if (r.data && Array.isArray(r.data.can)) this.filing.can = r.data.can;
      this.base = rows;
      this.savedAt = Date.now();
      this.error = null;
      if (rows === this.rows && explain === this.explain) {
        this.dirty = false;
        forget(this.id);
      }
      return true;
    } catch (e) {
      if (e.status === 412) await this.differ();
      else this.error = e;
      return false;
    }
  }

  /** Somebody changed the form meanwhile: fetch theirs and show what differs. */
  async differ() {
    try {
      const { data, etag } = await tagged(pathOf(this.id));
      this.conflict = { theirs: data, etag, ...merge(this.base, this.rows, this.plain(data.rows), this.key) };
    } catch (e) {
      this.error = e;
    }
  }
  /** @param {'mine'|'theirs'} whose */
  settle(whose) {
    const c = this.conflict;
    this.conflict = null;
    this.restored = null;
    const explain = { ...(c.theirs.explain || {}), ...((c.mine && c.mine.explain) || this.explain) };
    this.take(c.theirs, c.etag);
    forget(this.id);
    if (whose === 'mine' && this.editable) this.change(c.rows, explain);
    else this.changed();
  }
  drop() {
    this.restored = null;
    this.rows = this.plain(this.filing.rows);
    this.explain = this.filing.explain || {};
    this.change(this.rows, this.explain);
  }

  /** Take a step of the flow. @returns {Promise<?object>} the answer; null when it was refused (this.error, this.findings, this.conflict say why) */
  async step(name, reason) {
    this.error = null;
    if (!(await this.save())) return null;
    try {
      const r = await send('POST', `${pathOf(this.id)}/${encodeURIComponent(name)}`, reason ? { reason } : {}, { csrf: csrf(), etag: this.etag });
      const { data, etag } = await tagged(pathOf(this.id));
      this.take(data, etag);
      return r.data;
    } catch (e) {
      if (e.status === 412) await this.differ();
      else {
        this.error = e;
        if (e.status === 422 && Array.isArray(e.where.findings)) this.findings = e.where.findings;
      }
      return null;
    } finally {
      this.changed();
    }
  }

  /** Before leaving: what is not yet on the server lies in the local copy. */
  close() {
    clearTimeout(this.saver);
    clearTimeout(this.checker);
    this.saver = this.checker = 0;
    if (this.dirty && !this.conflict) this.save();
    this.rest();
    this.changed = () => {};
  }
}
