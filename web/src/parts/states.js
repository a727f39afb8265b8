/* The four looks of an answer: loading, empty, error, stale. */
import { html, nothing } from '../lib/lit.js';
import { t } from '../lib/i18n.js';
import { age } from '../lib/format.js';
import './second-factor.js';

export const loading = () => html`<div class="state loading"><i></i><i></i><i></i><span>${t('state.loading')}</span></div>`;
/** Nothing to show: why, in the words of its place; a list of tasks has no period to lack data in. */
export const empty = (hint) => html`<div class="state empty">${hint || t('state.empty')}</div>`;
/** Asking again does not give a right: say what is missing and who gives it. */
const denied = (err) => html`<div class="state denied" role="status"><b>${err.message}</b>${t('state.denied_how')}</div>`;
export const failed = (err, retry) => (err && err.where && err.where.need === 'totp' ? html`<qf-second .retry=${retry}></qf-second>` : err && err.status === 403 ? denied(err) : html`<div class="state error" role="status"><b>${t('state.error')}</b>${err ? err.message : ''}<br>
  ${retry ? html`<button @click=${retry}>${t('do.retry')}</button>` : nothing}</div>`);

/** Draw an answer in whatever state it is.
 * @param {import('../lib/page.js').Page} page @param {string} slot @param {(data: any) => unknown} ready
 * @param {{empty?: (data: any) => boolean, hint?: unknown}} [o] */
export function view(page, slot, ready, o = {}) {
  const r = page.slots.get(slot);
  if (!r || r.state === 'idle') return nothing;
  if (r.data === undefined) return r.state === 'error' ? failed(r.error, () => page.retry(slot)) : loading();
  if (o.empty && o.empty(r.data)) return empty(o.hint);
  const strip = r.state === 'error'
    ? html`<div class="stale" role="status"><i class="dot off"></i>${t('state.stale', { age: age(r.at, Date.now()) })}
        <button @click=${() => page.retry(slot)}>${t('do.retry')}</button></div>` : nothing;
  return html`${strip}${ready(r.data)}`;
}
