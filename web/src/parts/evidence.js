/* Evidence of a cell: what is attached, and a new file; the server hashes it and the cell holds the hash. */
import { html, nothing } from '../lib/lit.js';
import { t } from '../lib/i18n.js';
import { q, send } from '../lib/api.js';
import { csrf } from '../lib/me.js';
import { num } from '../lib/format.js';
import { pathOf } from '../lib/filing.js';

const MOST = 20 * 1024 * 1024;

/** @param {import('../pages/filing.js').PageFiling} page @param {{row: number, field: string, key: string, value: string, error?: string}} at @param {boolean} editable */
export function evidenceDialog(page, at, editable) {
  const have = (page.desk.filing.evidence || []).find((x) => x.sha256 === at.value);
  return html`<dialog aria-labelledby="ev-h" @close=${() => { page.file = null; }}><form class="form" @submit=${(e) => upload(e, page, at)}><h2 id="ev-h">${t('evidence.title')}</h2>
    ${at.error ? html`<div class="err" role="alert">${at.error}</div>` : nothing}
    ${at.value ? html`<p><a href="/api/v1/evidence/${at.value}" target="_blank" rel="noopener">${have ? have.name : t('evidence.open')}</a>${have ? html` <span class="dim">${num(have.size / 1024, 0)} KiB · ${have.type}</span>` : nothing}<br><span class="small">SHA-256 <code>${at.value}</code></span></p>` : html`<p class="dim">${t('evidence.none')}</p>`}
    ${editable ? html`<label for="ev">${t('evidence.choose')}</label><input type="file" id="ev" name="file" accept=".pdf,.png,.jpg,.jpeg,.xlsx,.csv,.txt"><p class="small dim">${t('evidence.rule')}</p>` : nothing}
    <div class="row">${editable ? html`<button class="primary">${t('evidence.send')}</button>` : nothing}<button type="button" @click=${(e) => e.target.closest('dialog').close()}>${t('do.close')}</button></div></form></dialog>`;
}

async function upload(e, page, at) {
  e.preventDefault();
  const dialog = e.target.closest('dialog');
  const file = e.target.querySelector('#ev').files[0];
  const say = (error) => { page.file = { ...at, error }; };
  if (!file) return say(t('evidence.missing'));
  if (file.size > MOST) return say(t('evidence.large'));
  try {
    const { data } = await send('POST', q(`${pathOf(page.desk.id)}/evidence`, { field: at.field, row_key: at.key, name: file.name }), file, { csrf: csrf(), type: file.type || 'application/octet-stream' });
    page.desk.change(page.desk.rows.map((r, i) => (i === at.row ? { ...r, [at.field]: data.sha256 } : r)), null);
    page.desk.filing.evidence = [...(page.desk.filing.evidence || []), data];
    return dialog.close();
  } catch (err) {
    return say(err.message);
  }
}
