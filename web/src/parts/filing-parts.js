/* Parts of a filing's page: error summary, findings with their explanations, what differs, steps, comments. */
import { html, nothing } from '../lib/lit.js';
import { t, nm, word } from '../lib/i18n.js';
import { stamp, num } from '../lib/format.js';
import { chip, table } from './bits.js';
import { cellId } from './sheet.js';
import { findingText, SEVERITY, who } from '../lib/filing.js';

/** Go to a cell, whether it is typed in or only read. */
export function toCell(e, row, field) {
  e.preventDefault();
  const el = document.getElementById(cellId(row, field));
  if (!el) return;
  el.scrollIntoView({ block: 'center', inline: 'center' });
  if (!el.hasAttribute('tabindex') && el.tagName === 'TD') el.setAttribute('tabindex', '-1');
  el.focus({ preventScroll: true });
  if (el.select) el.select();
}
const cellLink = (f, text) => (f.row_no && f.field ? html`<a href="#${cellId(f.row_no, f.field)}" @click=${(e) => toCell(e, f.row_no, f.field)}>${text}</a>` : text);

/** What must be put right before this step, each line a link to its place (gov.uk pattern): focus is moved here. */
export function errorSummary(desk, title) {
  const block = desk.findings.filter((f) => f.severity === 'block');
  const mute = desk.findings.filter((f) => f.severity === 'explain' && !(desk.explain[f.id] || '').trim());
  const own = desk.error && !(block.length + mute.length);
  return html`<section class="summary" id="summary" tabindex="-1" aria-labelledby="summary-h" role="alert"><h2 id="summary-h">${title || t('summary.title')}</h2>
    ${own ? html`<p>${desk.error.message}</p>` : nothing}
    <ul>${block.map((f) => html`<li>${cellLink(f, findingText(f))}</li>`)}
    ${mute.map((f) => html`<li><a href="#x-${f.id}" @click=${(e) => { e.preventDefault(); const el = document.getElementById(`x-${f.id}`); if (el) el.focus(); }}>${t('summary.explain')}: ${findingText(f)}</a></li>`)}</ul></section>`;
}

/** Findings, worst first; those to be explained carry their field. */
export function findings(desk, editable) {
  const order = { block: 0, explain: 1, warn: 2 };
  const list = [...desk.findings].sort((a, b) => order[a.severity] - order[b.severity]);
  if (!list.length) return html`<p class="dim">${chip('ok', t('findings.none'))}</p>`;
  return html`<ul class="findings">${list.map((f) => html`<li><div>${chip(SEVERITY[f.severity], t(`severity.${f.severity}`))} ${cellLink(f, findingText(f))}
      ${f.clause ? html`<span class="small dim">${f.clause}</span>` : nothing}</div>
    ${f.severity !== 'explain' ? nothing : editable ? html`<label class="why" for="x-${f.id}">${t('findings.reason')}</label><textarea id="x-${f.id}" rows="2" maxlength="1000" aria-label="${t('findings.reason')}: ${findingText(f)}"
        .value=${desk.explain[f.id] || ''} @input=${(e) => { if (!e.isComposing) desk.change(null, { ...desk.explain, [f.id]: e.target.value }); }}
        @compositionend=${(e) => desk.change(null, { ...desk.explain, [f.id]: e.target.value })}></textarea>`
      : desk.explain[f.id] ? html`<blockquote>${t('findings.reason')}: ${desk.explain[f.id]}</blockquote>` : html`<p class="small dim">${t('findings.unexplained')}</p>`}</li>`)}</ul>`;
}

const shown = (v) => (v === null || v === undefined || v === '' ? '—' : /^-?\d+(\.\d+)?$/.test(v) ? num(v) : String(v));
const fieldTitle = (type, f) => { const c = type.columns.find((x) => x.name === f); return c ? nm(c.title) : f; };
const rowTitle = (names, k) => (names.get(k) ? nm(names.get(k)) : k);

/** Both changed the form: what differs, and the two ways on. */
export function conflict(desk, names) {
  const c = desk.conflict;
  return html`<section class="card c12 warnbox" id="conflict" tabindex="-1" aria-labelledby="conflict-h" role="alert"><h2 id="conflict-h">${t('conflict.title')}</h2>
    <p>${t('conflict.by', { who: who(c.theirs.by), at: stamp(c.theirs.at) })}</p>
    ${c.differ.length ? table({ caption: t('conflict.cells', { n: c.differ.length }), rows: c.differ, columns: [
    { label: t('sheet.variety'), head: true, cell: (r) => rowTitle(names, r.key) }, { label: t('conflict.field'), cell: (r) => fieldTitle(desk.type, r.field) },
    { label: t('conflict.base'), num: true, cell: (r) => shown(r.base) }, { label: t('conflict.theirs'), num: true, cell: (r) => shown(r.theirs) }, { label: t('conflict.mine'), num: true, cell: (r) => html`${shown(r.mine)}${r.both ? '' : html` <small class="dim">${t('conflict.untouched')}</small>`}` }] })
    : html`<p>${t('conflict.apart')}</p>`}
    <p>${t('conflict.how')}</p>
    <div class="row"><button class="primary" @click=${() => desk.settle('mine')}>${t('conflict.keep')}</button><button @click=${() => desk.settle('theirs')}>${t('conflict.take')}</button></div></section>`;
}

/** Cells that differ between two versions. @param {{key: string, field: string, before: any, after: any, kind: string}[]} list */
export function diffTable(type, names, list, caption) {
  if (!list.length) return html`<p class="dim">${t('diff.none')}</p>`;
  const pc = (r) => (Number(r.before) && r.after !== null && r.after !== '' ? (Number(r.after) / Number(r.before) - 1) * 100 : NaN);
  return table({ caption, rows: list, columns: [
    { label: t('sheet.variety'), head: true, cell: (r) => rowTitle(names, r.key) }, { label: t('conflict.field'), cell: (r) => (r.field ? fieldTitle(type, r.field) : '') },
    { label: t('diff.before'), num: true, raw: (r) => r.before, cell: (r) => shown(r.before) }, { label: t('diff.after'), num: true, raw: (r) => r.after, cell: (r) => shown(r.after) },
    { label: t('diff.change'), num: true, cell: (r) => (r.kind && r.kind !== 'changed' ? word('diff.kind', r.kind) : Number.isFinite(pc(r)) ? `${pc(r) < 0 ? '\u2212' : '+'}${num(Math.abs(pc(r)), 1)}%` : '—') }] });
}

/** Who did what, newest first. */
export const timeline = (type, steps) => html`<ol class="steps">${[...steps].reverse().map((s) => {
  const step = type.flow && type.flow.steps.find((x) => x.name === s.step);
  return html`<li><b>${step ? nm(step.title) : word('step', s.step)}</b> ${who(s.by)} <span class="dim nowrap">${stamp(s.at)}</span>${s.revision ? html` <span class="tag">${t('filing.revision', { n: s.revision })}</span>` : nothing}
    ${s.reason ? html`<blockquote>${s.reason}</blockquote>` : nothing}</li>`;
})}</ol>`;

/** Comments, each at its cell. @param {(c: object) => void} resolve @param {(e: SubmitEvent) => void} add */
export function comments(desk, names, at, resolve, add) {
  const list = desk.filing.comments || [];
  const rowNo = (k) => desk.rows.findIndex((r) => desk.key(r) === k) + 1;
  return html`${list.length ? html`<ul class="talks">${list.map((c) => html`<li class=${c.resolved ? 'done' : ''}><div class="small dim">${who(c.author ?? c.by)} · ${stamp(c.written ?? c.at)}${c.resolved ? html` · ${t('comments.resolved')}` : nothing}</div>
      ${c.field ? html`<div>${cellLink({ row_no: rowNo(c.row_key), field: c.field }, `${rowTitle(names, c.row_key)} · ${fieldTitle(desk.type, c.field)}`)}</div>` : nothing}<p>${c.text}</p>
      ${c.resolved ? nothing : html`<button class="plain" @click=${() => resolve(c)} aria-label="${t('comments.resolve')}: ${c.text}">${t('comments.resolve')}</button>`}</li>`)}</ul>` : html`<p class="dim">${t('comments.none')}</p>`}
    <form class="form talkform" @submit=${add}><label for="comment">${at ? t('comments.at', { cell: `${rowTitle(names, at.key)} · ${fieldTitle(desk.type, at.field)}` }) : t('comments.whole')}</label>
      <textarea id="comment" name="text" rows="2" maxlength="2000"></textarea><div class="row"><button>${t('comments.add')}</button></div></form>`;
}
