/* 填报与审核: one form, /f/:id to fill in, ?view=review to judge. The official table, beside last month or last year, judged while
 * typing; drafts are kept here and on the server; whoever approves sees what changed and answers with a reason. */
import { html, nothing } from '../lib/lit.js';
import { Page } from '../lib/page.js';
import { t, nm, language } from '../lib/i18n.js';
import { q, send, parsed } from '../lib/api.js';
import { csrf, me } from '../lib/me.js';
import { href, patch, same } from '../lib/url.js';
import { stamp, shortStamp, num } from '../lib/format.js';
import { Desk } from '../lib/desk.js';
import { pathOf, rowKey, monthName, stateChip, clock, recordsOf, who } from '../lib/filing.js';
import { loading, failed } from '../parts/states.js';
import { errorSummary, findings, conflict, diffTable, timeline, comments } from '../parts/filing-parts.js';
import { fieldsOf, numeric } from '../parts/sheet.js';
import { evidenceDialog } from '../parts/evidence.js';
import { toast } from '../parts/copy.js';

const same2 = (a, b) => String(a ?? '') === String(b ?? '');

class PageFiling extends Page {
  static properties = { ...Page.properties, at: { state: true }, asking: { state: true }, file: { state: true }, undo: { state: true } };

  constructor() {
    super();
    this.names = new Map();
    this.tried = null;
    this.done = null;
    this.leave = (e) => { if (this.desk && this.desk.dirty) { this.desk.save(); if (!this.desk.local) e.preventDefault(); } };
  }

  connectedCallback() {
    super.connectedCallback();
    window.addEventListener('beforeunload', this.leave);
  }
  disconnectedCallback() {
    super.disconnectedCallback();
    window.removeEventListener('beforeunload', this.leave);
    if (this.desk) this.desk.close();
  }

  get review() {
    return this.q.get('view') === 'review';
  }

  render() {
    if (!this.desk || this.desk.id !== this.route.id) {
      if (this.desk) this.desk.close();
      this.desk = new Desk(this.route.id, () => this.requestUpdate());
      this.tried = this.done = null;
      this.desk.open();
    }
    const d = this.desk;
    if (d.state === 'loading') return html`<div class="head"><h1>${t('filing.title')}</h1></div>${loading()}`;
    if (d.state === 'error') return html`<div class="head"><h1>${t('filing.title')}</h1></div>${failed(d.error, () => { this.desk = null; this.requestUpdate(); })}`;
    this.nameRows();
    const f = d.filing;
    const editable = d.editable && !this.review;
    const diff = this.review ? this.need('diff', this.diffPath()) : this.need('diff', null);
    return html`<div class="head"><nav class="crumbs" aria-label=${t('crumbs')}><ol class="crumbs"><li><a href=${href('/work', { view: null })}>${t('nav.work')}</a></li><li><a href=${href(`/r/${f.form}`, { view: null })}>${nm(d.type.title)}</a></li></ol></nav>
        <h1>${this.tried ? html`<span class="sr">${t('summary.prefix')} </span>` : nothing}${nm(d.type.title)}</h1><span class="sub">${this.subject(f)}${f.month === null || f.month === undefined ? nothing : html` · ${monthName(f.month)}`}</span>
        <span>${stateChip(f.state)}</span>${f.revision > 1 ? html`<span class="tag">${t('filing.revision', { n: f.revision })}</span>` : nothing}${f.state === 'accepted' ? nothing : clock(f)}
        <span class="grow"></span><span class="saved small" role="status">${this.savedText(d, editable)}</span></div>
      ${this.done ? this.confirmation() : nothing}${this.tried ? errorSummary(d, this.tried === 'step' ? null : t('summary.check')) : nothing}
      ${d.conflict ? html`<div class="grid">${conflict(d, this.names)}</div>` : nothing}${d.restored && !d.conflict ? html`<p class="note" role="status">${t('draft.restored', { at: shortStamp(d.restored) })} <button class="plain" @click=${() => d.drop()}>${t('draft.drop')}</button></p>` : nothing}
      ${f.state === 'returned' && f.reason ? html`<p class="note bad"><b>${t('filing.returned')}</b> ${f.reason}</p>` : nothing}
      <div class="grid filing">${this.review && (this.diffPath() || (f.last_month || []).length || f.version > 2) ? this.changes(d, diff) : nothing}${this.table(d, editable)}
      <section class="card c7" aria-labelledby="h-find"><div class="cardhead"><h2 id="h-find">${t('findings.title')}</h2><span class="unit">${this.counts(d)}</span></div>
        ${d.checkError ? html`<p class="small" role="status">${t('findings.stopped')} ${d.checkError.message}</p>` : nothing}${findings(d, editable)}</section>
      <div class="c5 stack"><section class="card" aria-labelledby="h-talk"><div class="cardhead"><h2 id="h-talk">${t('comments.title')}</h2></div>${comments(d, this.names, this.at, (c) => this.resolve(c), (e) => this.comment(e))}</section>
        <section class="card" aria-labelledby="h-steps"><div class="cardhead"><h2 id="h-steps">${t('steps.title')}</h2></div>${timeline(d.type, f.steps || [])}${this.receipts(f)}</section></div></div>
      ${this.bar(d, f)}${this.asking ? this.reasonDialog() : nothing}${this.file ? evidenceDialog(this, this.file, editable) : nothing}`;
  }

  subject(f) {
    const name = f.subject_name ? nm(f.subject_name) : f.subject;
    return f.subject ? html`<a href=${href(`/e/${String(f.subject).split('.')[0]}`, { view: null, tab: 'filings' })}>${name}</a>` : nothing;
  }

  /** Names and units of the rows: from the codes' own table when the form has codes, else from the choices. */
  nameRows() {
    const col = this.desk.type.columns.find((c) => this.desk.type.key.includes(c.name) && !this.desk.type.sheet.includes(c.name));
    if (!col) return;
    for (const x of col.choices || []) if (x && x.value !== undefined) this.names.set(String(x.value), { ...x.title, unit_shown: x.unit || '' });
    if (col.name !== 'code') return;
    const r = this.need('codes', '/records/nbs_code?size=200');
    for (const x of recordsOf(r.data)) this.names.set(String(x.id ?? x.code), { zh: x.name_zh, en: x.name_en, unit_shown: language() === 'en' ? x.unit : x.unit_zh || x.unit });
  }

  savedText(d, editable) {
    if (!editable) return '';
    if (d.error && d.dirty && d.error.status !== 422) return html`<b>${t('draft.local')}</b> ${d.error.message} <button class="plain" @click=${() => d.save()}>${t('do.retry')}</button>`;
    return d.busy ? t('draft.saving') : d.dirty ? (d.local ? t('draft.kept') : t('draft.unsaved')) : d.savedAt ? t('draft.saved', { at: shortStamp(d.savedAt) }) : t('draft.all');
  }
  counts(d) {
    const n = (s) => d.findings.filter((f) => f.severity === s).length;
    return ['block', 'explain', 'warn'].filter(n).map((s) => `${t(`severity.${s}`)} ${n(s)}`).join(' · ');
  }

  /* ---- the table */
  table(d, editable) {
    const f = d.filing;
    const by = (list) => new Map((list || []).map((r) => [rowKey(d.type, r), r]));
    const side = this.q.get('beside') || 'month';
    const map = { month: by(f.last_month), year: by(f.last_year) }[side];
    this.side = { month: by(f.last_month), year: by(f.last_year) };
    const marks = new Map();
    for (const x of d.findings) if (x.row_no && x.field) marks.set(`${x.row_no}|${x.field}`, [...(marks.get(`${x.row_no}|${x.field}`) || []), x]);
    const notes = new Map((f.comments || []).filter((c) => !c.resolved && c.field).map((c) => [`${c.row_key}|${c.field}`, c]));
    const diff = this.review && this.slots.get('diff') && this.slots.get('diff').data;
    const before = diff ? new Map(recordsOf(diff).map((x) => [`${x.key}|${x.field}`, x.before])) : null;
    return html`<section class="card c12" aria-labelledby="h-sheet"><div class="cardhead"><h2 id="h-sheet">${t('filing.sheet')}</h2><span class="grow"></span>
      ${(f.last_month || []).length || (f.last_year || []).length ? html`<label class="dim">${t('sheet.beside')} <select id="beside" @change=${(e) => patch({ beside: e.target.value === 'month' ? null : e.target.value }, true)}>${['month', 'year', 'none'].map((k) => html`<option value=${k} ?selected=${k === side}>${t(`sheet.beside.${k}`)}</option>`)}</select></label>` : nothing}
      ${editable ? html`<span class="small dim">${t('sheet.paste_hint')}</span>` : nothing}</div>
      <div class="cellbar" aria-live="off">${this.cellBar(d)}</div>
      <qf-sheet .type=${d.type} .rows=${d.rows} .names=${new Map(this.names)} .editable=${editable} .marks=${marks} .notes=${notes} .before=${before} .beside=${map ? (k, c) => (map.get(k) ? map.get(k)[c] : null) : null}
        @cells=${(e) => this.cells(e.detail)} @focuscell=${(e) => { this.at = e.detail; }} @evidence=${(e) => { this.file = e.detail; }}></qf-sheet>
      ${editable ? this.addRow(d) : nothing}
      ${this.undo ? html`<p class="note" role="status">${this.undo.words} <button @click=${() => { d.change(this.undo.rows, null); this.undo = null; }}>${t('do.undo')}</button></p>` : nothing}</section>`;
  }

  cellBar(d) {
    if (!this.at) return html`<span class="dim">${t('sheet.pick')}</span>`;
    const { key, field } = this.at;
    const row = d.rows.findIndex((r) => d.key(r) === key);
    const c = d.type.columns.find((x) => x.name === field);
    if (row < 0 || !c) return nothing;
    const v = d.rows[row][field];
    const side = (m, label) => {
      const b = this.side[m].get(key) ? this.side[m].get(key)[field] : null;
      const p = numeric(c) && Number(b) && v !== '' && v !== null && v !== undefined ? (Number(v) / Number(b) - 1) * 100 : NaN;
      return html`<span><span class="dim">${label}</span> ${b === null || b === undefined || b === '' ? '—' : numeric(c) ? num(b) : b}${Number.isFinite(p) ? html` <span class="dim">${p < 0 ? '\u2212' : '+'}${num(Math.abs(p), 1)}%</span>` : nothing}</span>`;
    };
    const said = d.findings.filter((x) => x.row_no === row + 1 && x.field === field);
    return html`<b>${this.names.get(key) ? nm(this.names.get(key)) : key} · ${nm(c.title)}</b>${side('month', t('sheet.beside.month'))}${side('year', t('sheet.beside.year'))}
      ${said.length ? html`<span class="said">${said.map((x) => html`<span>${t(`severity.${x.severity}`)}: ${language() === 'en' ? x.text_en : x.text_zh}</span>`)}</span>` : nothing}`;
  }

  cells({ rows, how }) {
    const old = this.desk.rows;
    this.desk.change(rows, null);
    if (!how) return;
    const p = how.paste;
    this.undo = { rows: old, words: p ? [t('paste.filled', { n: p.filled }), p.byKey ? t('paste.by_code') : '', p.outside ? t('paste.outside', { n: p.outside }) : '', p.refused ? t('paste.refused', { n: p.refused }) : ''].filter(Boolean).join(' ') : t('sheet.removed') };
    clearTimeout(this.undoTimer);
    this.undoTimer = setTimeout(() => { this.undo = null; }, 20000);
  }

  addRow(d) {
    const name = d.type.key.filter((k) => !d.type.sheet.includes(k));
    if (name.length !== 1) return nothing;
    const have = new Set(d.rows.map(d.key));
    const free = [...this.names.keys()].filter((k) => !have.has(k));
    if (!free.length) return nothing;
    return html`<form class="filters addrow" @submit=${(e) => { e.preventDefault(); const k = new FormData(e.target).get('k'); if (k) d.change([...d.rows, { ...d.sheet, [name[0]]: k }].sort((a, b) => (d.key(a) < d.key(b) ? -1 : 1)), null); }}>
      <label>${t('sheet.add')} <select name="k">${free.map((k) => html`<option value=${k}>${k} ${nm(this.names.get(k))}</option>`)}</select></label><button>${t('sheet.add_go')}</button></form>`;
  }

  /* ---- review */
  diffPath() {
    const f = this.desk.filing;
    const to = String(f.version);
    const from = this.q.get('from') || (f.compare_version ? String(f.compare_version) : null);
    return from && from !== to ? q(`${pathOf(f.id)}/diff`, { from, to }) : null;
  }
  changes(d, diff) {
    const hist = this.need('history', `${pathOf(d.id)}/history`);
    const versions = recordsOf(hist.data).filter((v) => !same2(v.version, d.filing.version));
    const last = d.filing.last_month || [];
    const by = new Map(last.map((r) => [d.key(r), r]));
    const own = [];
    if (!this.diffPath()) {
      for (const r of d.rows) for (const c of fieldsOf(d.type)) {
        const b = by.get(d.key(r)) ? by.get(d.key(r))[c.name] : null;
        if (numeric(c) && !same2(Number(b) || 0, Number(r[c.name]) || 0)) own.push({ key: d.key(r), field: c.name, before: b, after: r[c.name], kind: 'changed' });
      }
    }
    const big = own.filter((x) => Math.abs(Number(x.after) - Number(x.before)) > 0.1 * Math.abs(Number(x.before) || 1));
    const list = this.diffPath() ? recordsOf(diff.data) : this.q.get('all') ? own : big;
    return html`<section class="card c12" aria-labelledby="h-diff"><div class="cardhead"><h2 id="h-diff">${t('diff.title')}</h2><span class="grow"></span>
      <label class="dim">${t('diff.against')} <select id="against" @change=${(e) => patch({ from: e.target.value || null }, true)}><option value="">${t('sheet.beside.month')}</option>${versions.map((v) => html`<option value=${v.version} ?selected=${same2(this.q.get('from'), v.version)}>${t('diff.version', { n: v.version })} ${who(v.by)} ${stamp(v.at)}</option>`)}</select></label></div>
      ${diff.state === 'error' ? html`<p role="status">${diff.error.message}</p>` : diffTable(d.type, this.names, list, this.diffPath() ? t('diff.between') : this.q.get('all') ? t('diff.all', { n: own.length }) : t('diff.big', { n: big.length, all: own.length }))}
      ${this.diffPath() || !own.length ? nothing : html`<p><a href=${same({ all: this.q.get('all') ? null : '1' })}>${t(this.q.get('all') ? 'diff.show_big' : 'diff.show_all')}</a></p>`}</section>`;
  }

  /* ---- steps */
  bar(d, f) {
    const can = (f.can || []).filter((s) => s !== 'edit');
    const steps = can.map((n) => (d.type.flow ? d.type.flow.steps : []).find((s) => s.name === n) || { name: n, title: { zh: n, en: n } });
    if (!steps.length) return html`<p class="dim">${me().user ? t('filing.no_step') : html`${t('state.login')} <a href=${href('/login')}>${t('nav.login')}</a>`}</p>`;
    const first = steps.find((s) => ['submit', 'approve', 'accept', 'propose'].includes(s.name));
    return html`<div class="actionbar" role="group" aria-label=${t('filing.steps')}>${!this.review && can.some((n) => ['approve', 'accept', 'return'].includes(n)) ? html`<a class="btn" href=${same({ view: 'review' })}>${t('filing.to_review')}</a>` : nothing}
      ${steps.map((s) => html`<button class=${s === first ? 'primary' : nothing} data-step=${s.name} ?disabled=${Boolean(this.going) || Boolean(d.conflict)} @click=${() => this.take(s)}>${nm(s.title)}</button>`)}</div>`;
  }
  take(s) {
    if (s.reason) {
      this.asking = { step: s, error: null };
      return undefined;
    }
    if (s.check && this.desk.editable) {
      const bad = this.desk.findings.some((f) => f.severity === 'block') || this.desk.findings.some((f) => f.severity === 'explain' && !(this.desk.explain[f.id] || '').trim());
      if (bad) return this.show('check');
    }
    return this.walk(s, null);
  }
  async walk(s, reason) {
    this.going = s.name;
    this.tried = null;
    this.requestUpdate();
    const r = await this.desk.step(s.name, reason);
    this.going = null;
    if (!r) return this.desk.conflict ? this.focusOn('#conflict') : this.show('step');
    this.done = { step: s, ...r };
    this.asking = null;
    for (const n of ['diff', 'history']) this.slots.delete(n);
    this.dispatchEvent(new CustomEvent('work-changed', { bubbles: true }));
    return this.focusOn('#done');
  }
  show(kind) {
    this.tried = kind;
    this.asking = null;
    return this.focusOn('#summary');
  }
  async focusOn(sel) {
    this.requestUpdate();
    await this.updateComplete;
    const el = this.querySelector(sel);
    if (el) { el.focus(); el.scrollIntoView({ block: 'start' }); }
  }

  confirmation() {
    const { step, receipt, seq, state } = this.done;
    return html`<section class="confirm" id="done" tabindex="-1" role="status"><h2>${t('done.title', { step: nm(step.title) })}</h2><p>${t('done.state')} ${stateChip(state || this.desk.filing.state)} ${seq ? html` · ${t('src.seq')} ${num(seq, 0)}` : nothing}</p>
      ${receipt ? html`<p><a href="${receipt}?format=html" target="_blank" rel="noopener">${t('done.receipt')}</a> · <a href=${receipt} download="receipt-${seq}.json">${t('done.json')}</a></p><p class="small">${t('done.verify')} <code>qingfeng verify --receipt receipt-${seq}.json --key log.pub</code> (<a href="/api/v1/heads/key" download="log.pub">${t('done.key')}</a> · <a href="/api/v1/heads/latest" download="head.txt">${t('done.head')}</a>)</p>` : nothing}
      <p>${t(`next.${['submitted', 'approved', 'accepted', 'returned', 'withdrawn'].includes(state) ? state : 'other'}`)}</p></section>`;
  }
  receipts(f) {
    const list = (f.steps || []).filter((s) => s.receipt || (s.seq && ['submit', 'accept', 'propose'].includes(s.step)));
    return list.length ? html`<ul class="small">${list.map((s) => html`<li><a href="${s.receipt || `/api/v1/receipts/${s.seq}`}?format=html" target="_blank" rel="noopener">${t('done.receipt')} ${s.seq ? num(s.seq, 0) : ''}</a></li>`)}</ul>` : nothing;
  }

  updated() {
    this.querySelector('dialog:not([open])')?.showModal();
    const d = this.desk;
    if (this.tried && !(d && (d.error || d.findings.some((f) => f.severity === 'block' || (f.severity === 'explain' && !(d.explain[f.id] || '').trim()))))) { this.tried = null; this.requestUpdate(); }
    document.title = document.title.replace(/^[^·]*: /, '');
    if (this.tried) document.title = `${t('summary.prefix')} ${document.title}`;
  }
  reasonDialog() {
    const s = this.asking.step;
    return html`<dialog aria-labelledby="reason-h" @close=${() => { this.asking = null; }}><form class="form" @submit=${(e) => this.sendReason(e)}><h2 id="reason-h">${nm(s.title)}</h2>
      ${this.asking.error ? html`<div class="err" role="alert" id="reason-err">${this.asking.error}</div>` : nothing}
      <label for="reason">${t(s.name === 'return' || s.name === 'reject' ? 'reason.return' : 'reason.label')}</label><textarea id="reason" name="reason" rows="4" maxlength="2000" aria-describedby=${this.asking.error ? 'reason-err' : nothing}></textarea>
      <div class="row"><button class="primary">${nm(s.title)}</button><button type="button" @click=${(e) => e.target.closest('dialog').close()}>${t('do.cancel')}</button></div></form></dialog>`;
  }
  sendReason(e) {
    e.preventDefault();
    const text = new FormData(e.target).get('reason').trim();
    if (text) this.walk(this.asking.step, text);
    else {
      this.asking = { ...this.asking, error: t('reason.missing') };
      e.target.querySelector('#reason').focus();
    }
  }

  /* ---- comments and evidence */
  async comment(e) {
    e.preventDefault();
    const form = e.target;
    const text = new FormData(form).get('text').trim();
    if (!text) return form.querySelector('textarea').focus();
    try {
      await send('POST', `${pathOf(this.desk.id)}/comments`, { ...(this.at ? { row_key: this.at.key, field: this.at.field } : {}), text }, { csrf: csrf() });
      form.reset();
      return this.refresh();
    } catch (err) {
      return toast(err.message);
    }
  }
  async resolve(c) {
    try {
      await send('POST', `${pathOf(this.desk.id)}/comments/${encodeURIComponent(c.id)}/resolve`, {}, { csrf: csrf() });
      this.refresh();
    } catch (err) {
      toast(err.message);
    }
  }
  /** Comments and evidence anew, leaving what is being typed alone. */
  async refresh() {
    const r = await fetch(`/api/v1${pathOf(this.desk.id)}`, { headers: { Accept: 'application/json' } });
    if (r.ok) { const d = await parsed(r); Object.assign(this.desk.filing, { comments: d.comments, evidence: d.evidence }); }
    this.requestUpdate();
  }
}
customElements.define('page-filing', PageFiling);
