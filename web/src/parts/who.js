/* Whose is it: the unit of a subject id such as u001.sinter, a district or the city, by name, as a link. */
import { html } from '../lib/lit.js';
import { nm } from '../lib/i18n.js';
import { href } from '../lib/url.js';

/** @param {import('../lib/page.js').Page} page @param {?string} subject */
export function unitLink(page, subject) {
  if (!subject) return '—';
  const id = String(subject).split('.')[0];
  if (/^\d{6}$/.test(id) && page.city) {
    const d = (page.city.districts || []).find((x) => x.id === id);
    return html`<a href=${href('/', { d: d ? id : null })} title=${subject}>${nm(d || page.city.name)}</a>`;
  }
  const list = page.need('names', '/subjects?kind=unit').data || [];
  const u = list.find((x) => x.id === id);
  return html`<a href=${href(`/e/${id}`)} title=${subject}>${u ? nm(u) : subject}</a>`;
}
