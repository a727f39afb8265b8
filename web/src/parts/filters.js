/* A view's filters kept under a name on this computer; the address is what is kept, so it can also be sent to a colleague. */
import { html, nothing } from '../lib/lit.js';
import { t } from '../lib/i18n.js';
import { same, patch } from '../lib/url.js';
import { recall, remember } from '../lib/theme.js';

const read = (name) => { try { return JSON.parse(recall(`filters.${name}`) || '[]'); } catch { return []; } };

/** @param {import('../lib/page.js').Page} page @param {string} name of the list @param {string[]} keys of the address that make the view */
export function savedFilters(page, name, keys) {
  const list = read(name);
  const now = Object.fromEntries(keys.map((k) => [k, page.q.get(k)]).filter((x) => x[1]));
  const keep = (l) => { remember(`filters.${name}`, JSON.stringify(l)); page.requestUpdate(); };
  const at = list.findIndex((x) => JSON.stringify(x.q) === JSON.stringify(now));
  const save = (e) => {
    e.preventDefault();
    const label = new FormData(e.target).get('label').trim();
    if (label) keep([...list.filter((x) => x.label !== label), { label, q: now }]);
    e.target.reset();
    e.target.closest('details').open = false;
  };
  return html`${list.length ? html`<label class="dim">${t('filters.saved')} <select id="saved" @change=${(e) => { const x = list[Number(e.target.value)]; if (x) patch({ ...Object.fromEntries(keys.map((k) => [k, null])), page: null, ...x.q }); }}><option value="">${t('filters.choose')}</option>
      ${list.map((x, i) => html`<option value=${i} ?selected=${i === at}>${x.label}</option>`)}</select></label>` : nothing}
    ${Object.keys(now).length ? html`${at >= 0 ? html`<button @click=${() => keep(list.filter((x, i) => i !== at))}>${t('filters.drop')}</button>` : html`<details class="keepit"><summary>${t('filters.keep')}</summary><form @submit=${save}><label>${t('filters.name')} <input name="label" maxlength="40" autocomplete="off"></label> <button>${t('do.save')}</button></form></details>`}
      <a href=${same({ ...Object.fromEntries(keys.map((k) => [k, null])), page: null })}>${t('do.clear')}</a>` : nothing}`;
}
