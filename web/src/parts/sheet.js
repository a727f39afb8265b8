/* A form as its official table: one input a cell, row heads and numbered columns as printed, keyboard as in a spreadsheet.
 * Nothing happens while an input method composes. Tells "cells" (new rows) and "focuscell" (where one is). */
import { LitElement, html, nothing } from '../lib/lit.js';
import { t, nm } from '../lib/i18n.js';
import { num, unitName } from '../lib/format.js';
import { tidy, block, lay, isNumber } from '../lib/cells.js';
import { rowKey, monthName, SEVERITY } from '../lib/filing.js';

const NUMERIC = /DECIMAL|NUMERIC|DOUBLE|REAL|FLOAT|INT|number/i;
export const numeric = (c) => NUMERIC.test(c.type || '');
/** The columns that are typed: neither the sheet's nor the row's own name. */
export const fieldsOf = (type) => type.columns.filter((c) => !type.sheet.includes(c.name) && !type.key.includes(c.name));
/** Unit of a column for a reader; "unit of the code" is the row's and stands in the row's head. */
export const columnUnit = (c) => (!c.unit || /\u8ba1\u91cf\u5355\u4f4d|of the code/.test(nm(c.unit)) ? '' : unitName(nm(c.unit)));
export const cellId = (row, field) => `c-${row}-${field}`;

class QfSheet extends LitElement {
  static properties = { type: { attribute: false }, rows: { attribute: false }, names: { attribute: false }, beside: { attribute: false }, editable: { type: Boolean }, marks: { attribute: false },
    notes: { attribute: false }, before: { attribute: false } };

  constructor() {
    super();
    this.rows = [];
    this.names = new Map();
    this.marks = new Map();
    this.notes = new Map();
    this.beside = null;
    this.before = null;
    this.start = '';
    this.composing = false;
  }

  createRenderRoot() {
    return this;
  }

  get fields() {
    return fieldsOf(this.type);
  }
  tell(rows, how) {
    this.dispatchEvent(new CustomEvent('cells', { detail: { rows, how } }));
  }
  set(i, field, value) {
    if (String(this.rows[i][field] ?? '') === value) return;
    this.tell(this.rows.map((r, k) => (k === i ? { ...r, [field]: value } : r)));
  }

  /** Columns that name a row of the form; none: the form is one row and is written downwards. */
  get rowNames() {
    return this.type.columns.filter((c) => this.type.key.includes(c.name) && !this.type.sheet.includes(c.name));
  }
  /** Rows of varieties of energy carry name, unit and code as printed; those of other forms their own names. */
  get coded() {
    return this.rowNames.length === 1 && this.rowNames[0].name === 'code';
  }

  render() {
    const cols = this.fields;
    const own = this.rowNames;
    if (!own.length) return this.downwards(cols);
    return html`<div class="scroll sheet" role="region" tabindex="0" aria-label=${nm(this.type.title)} @keydown=${(e) => this.key(e)} @paste=${(e) => this.paste(e)} @focusin=${(e) => this.focused(e)}
      @compositionstart=${() => { this.composing = true; }} @compositionend=${(e) => { this.composing = false; this.typed(e); }} @input=${(e) => this.typed(e)} @focusout=${(e) => this.left(e)}>
      <table><thead><tr>${this.coded ? html`<th scope="col" class="rowname">${t('sheet.variety')}</th><th scope="col">${t('sheet.unit')}</th><th scope="col">${t('sheet.code')}</th>` : html`<th scope="col" class="rowname">${own.map((c) => nm(c.title)).join(' · ')}</th>`}
        ${cols.map((c) => html`<th scope="col" class="n ${/^(\u5176\u4e2d|\u5408\u8ba1\u4e2d|of )/.test(nm(c.title)) ? 'sub' : ''}">${nm(c.title)}${columnUnit(c) ? html`<br><small>${columnUnit(c)}</small>` : nothing}</th>`)}
        ${this.editable ? html`<th><span class="sr">${t('sheet.remove')}</span></th>` : nothing}</tr>
        <tr class="numbers" aria-hidden="true"><td class="rowname">${t('sheet.no1')}</td>${this.coded ? html`<td>${t('sheet.no2')}</td><td>${t('sheet.no3')}</td>` : nothing}${cols.map((c, i) => html`<td class="n">${i + 1}</td>`)}${this.editable ? html`<td></td>` : nothing}</tr></thead>
      <tbody>${this.rows.map((r, i) => this.line(r, i, cols))}</tbody></table></div>`;
  }

  /** A form of one row: its columns one below the other, what it is about first. */
  downwards(cols) {
    const r = this.rows[0] || {};
    const about = this.type.columns.filter((c) => this.type.sheet.includes(c.name) && r[c.name] !== undefined && r[c.name] !== null);
    return html`<div class="scroll sheet down" role="region" tabindex="0" aria-label=${nm(this.type.title)} @keydown=${(e) => this.key(e)} @focusin=${(e) => this.focused(e)}
      @compositionstart=${() => { this.composing = true; }} @compositionend=${(e) => { this.composing = false; this.typed(e); }} @input=${(e) => this.typed(e)} @focusout=${(e) => this.left(e)}>
      <table><tbody>${about.map((c) => html`<tr><th scope="row">${nm(c.title)}</th><td><b>${/^(month|period_from|period_to)$/.test(c.name) ? monthName(r[c.name]) : r[c.name]}</b></td></tr>`)}
        ${this.rows.length ? cols.map((c) => html`<tr><th scope="row">${nm(c.title)}${columnUnit(c) ? html` <small>${columnUnit(c)}</small>` : nothing}</th>${this.cell(r, 0, c, rowKey(this.type, r), null)}</tr>`) : nothing}</tbody></table></div>`;
  }

  line(r, i, cols) {
    const key = rowKey(this.type, r);
    const n = this.names.get(key);
    return html`<tr><th scope="row" class="rowname">${n ? nm(n) : key}</th>${this.coded ? html`<td class="nowrap">${n ? n.unit_shown : ''}</td><td>${key}</td>` : nothing}
      ${cols.map((c) => this.cell(r, i, c, key, n))}${this.editable ? html`<td><button class="plain" aria-label="${t('sheet.remove')} ${n ? nm(n) : key}" @click=${() => this.tell(this.rows.filter((x, k) => k !== i), 'remove')}>×</button></td>` : nothing}</tr>`;
  }

  cell(r, i, c, key, n) {
    const value = r[c.name] === null || r[c.name] === undefined ? '' : String(r[c.name]);
    const marks = this.marks.get(`${i + 1}|${c.name}`) || [];
    const worst = marks.find((m) => m.severity === 'block') || marks.find((m) => m.severity === 'explain') || marks[0];
    const isNum = numeric(c);
    const talk = this.notes.get(`${key}|${c.name}`);
    const old = this.before ? this.before.get(`${key}|${c.name}`) : undefined;
    const cls = `${isNum ? 'n' : ''} ${worst ? `mark ${SEVERITY[worst.severity]}` : ''} ${talk ? 'talk' : ''} ${old !== undefined ? 'changed' : ''}`;
    const beside = this.beside ? this.beside(key, c.name) : null;
    const under = html`${old !== undefined ? html`<del>${old === '' || old === null ? '—' : isNum ? num(old) : old}</del>` : nothing}${beside !== null && beside !== undefined && beside !== '' ? html`<small class="beside">${isNum ? num(beside) : beside}</small>` : nothing}`;
    if (c.evidence) {
      return html`<td class=${cls}><button class="plain" id=${cellId(i + 1, c.name)} data-row=${i} data-field=${c.name} @click=${() => this.dispatchEvent(new CustomEvent('evidence', { detail: { row: i, field: c.name, key, value } }))}>
        ${value ? html`▤ ${value.slice(0, 8)}` : this.editable ? t('evidence.add') : '—'}</button></td>`;
    }
    if (!this.editable) return html`<td class=${cls} id=${cellId(i + 1, c.name)} data-row=${i} data-field=${c.name} data-v=${value} tabindex=${worst || talk ? '0' : nothing}>${value === '' ? '—' : isNum && isNumber(value) ? num(value) : value}${under}</td>`;
    const label = `${n ? nm(n) : key} ${nm(c.title)}${columnUnit(c) ? ` ${columnUnit(c)}` : n ? ` ${n.unit_shown}` : ''}${worst ? `, ${t(`severity.${worst.severity}`)}` : ''}`;
    const shared = { id: cellId(i + 1, c.name), label, invalid: worst && worst.severity !== 'warn' ? 'true' : 'false' };
    if (c.choices && c.choices.length) {
      return html`<td class=${cls}><select id=${shared.id} data-row=${i} data-field=${c.name} aria-label=${shared.label} aria-invalid=${shared.invalid}><option value=""></option>
        ${c.choices.map((x) => html`<option value=${x.value ?? x} ?selected=${String(x.value ?? x) === value}>${nm(x.title ?? x)}</option>`)}</select>${under}</td>`;
    }
    return html`<td class=${cls}><input id=${shared.id} data-row=${i} data-field=${c.name} aria-label=${shared.label} aria-invalid=${shared.invalid} .value=${value} autocomplete="off" spellcheck="false"
      inputmode=${isNum ? 'decimal' : 'text'}>${under}</td>`;
  }

  at(el) {
    const c = el instanceof Element ? el.closest('[data-field]') : null;
    return c ? { row: Number(c.dataset.row), field: c.dataset.field } : null;
  }
  column(field) {
    return this.type.columns.find((c) => c.name === field);
  }
  focused(e) {
    const a = this.at(e.target);
    if (!a) return;
    this.start = e.target.value;
    this.dispatchEvent(new CustomEvent('focuscell', { detail: { ...a, key: rowKey(this.type, this.rows[a.row]) } }));
  }
  typed(e) {
    const a = this.at(e.target);
    if (a && !this.composing && !e.isComposing) this.set(a.row, a.field, e.target.value);
  }
  left(e) {
    const a = this.at(e.target);
    if (a && this.editable && this.rows[a.row] && e.target.value !== undefined && e.target.tagName !== 'BUTTON') this.set(a.row, a.field, tidy(e.target.value, numeric(this.column(a.field))));
  }

  go(row, col) {
    const f = this.fields[col];
    const el = f && row >= 0 && row < this.rows.length ? this.querySelector(`[data-row="${row}"][data-field="${f.name}"]`) : null;
    if (!el) return false;
    el.focus();
    if (el.select) el.select();
    return true;
  }

  /** Arrows and Enter walk the cells; left and right only from the ends of what is written, so that text can be corrected. */
  key(e) {
    const a = this.at(e.target);
    if (!a || e.isComposing || this.composing || e.keyCode === 229 || e.ctrlKey || e.metaKey || e.altKey) return;
    const el = e.target;
    const col = this.fields.findIndex((f) => f.name === a.field);
    const all = el.selectionStart === 0 && el.selectionEnd === (el.value || '').length;
    const isText = el.tagName === 'INPUT';
    let to = null;
    if (e.key === 'Enter') to = [a.row + (e.shiftKey ? -1 : 1), col];
    else if (e.key === 'ArrowDown' && el.tagName !== 'SELECT') to = [a.row + 1, col];
    else if (e.key === 'ArrowUp' && el.tagName !== 'SELECT') to = [a.row - 1, col];
    else if (e.key === 'ArrowRight' && !e.shiftKey && (!isText || all || el.selectionStart === el.value.length)) to = [a.row, col + 1];
    else if (e.key === 'ArrowLeft' && !e.shiftKey && (!isText || all || el.selectionEnd === 0)) to = [a.row, col - 1];
    else if (e.key === 'Escape' && isText && el.value !== this.start) {
      e.preventDefault();
      el.value = this.start;
      this.set(a.row, a.field, this.start);
      return;
    } else return;
    if (e.key === 'Enter' && el.tagName === 'BUTTON') return;
    if (!this.rowNames.length && to[0] !== a.row) to = [a.row, col + to[0] - a.row]; // written downwards
    e.preventDefault();
    this.go(to[0], to[1]);
  }

  paste(e) {
    const a = this.at(e.target);
    const text = e.clipboardData ? e.clipboardData.getData('text/plain') : '';
    if (!this.editable || !a || !/[\t\n]/.test(text.replace(/\r?\n$/, ''))) return; // one cell: the browser's own way
    e.preventDefault();
    const fields = this.fields.map((f) => f.name);
    const locked = (f) => Boolean(this.column(f).evidence);
    const r = lay(this.rows, block(text), { row: a.row, col: fields.indexOf(a.field), fields, locked, numeric: (f) => numeric(this.column(f)), key: (x) => rowKey(this.type, x) });
    this.tell(r.rows, { paste: r });
  }
}
customElements.define('qf-sheet', QfSheet);
