/* Words and pieces of filings that several pages share: months, states, cards, due clock, row keys. No drawing of pages here. */
import { html, nothing } from './lit.js';
import { t, word, nm, language } from './i18n.js';
import { monthText, periodName } from './period.js';
import { chip } from '../parts/bits.js';

/** A month as the server may give it (index or "2026-10") as "2026-10"; null when none. */
export const monthOf = (m) => (m === null || m === undefined || m === '' ? null : /^\d{4}-\d{2}$/.test(m) ? m : monthText(Number(m)));
export const monthNumber = (m) => (/^\d{4}-\d{2}$/.test(m || '') ? Number(m.slice(0, 4)) * 12 + Number(m.slice(5)) - 1 : null);
export function monthName(m) {
  const i = monthNumber(monthOf(m));
  return i === null ? '—' : periodName(i, i);
}

const KIND = { draft: 'nodata', submitted: 'warn', approved: 'warn', returned: 'bad', accepted: 'ok', withdrawn: 'nodata', proposed: 'warn', refused: 'bad', missing: 'nodata' };
/** A state of a flow as a chip; flows of packs may have states of their own. */
export const stateChip = (s) => chip(KIND[s] || 'nodata', word('state', s));

/** 黄牌 / 红牌 with the clock beside it. @param {{card?: string, workdays_left?: ?number, due?: ?string}} x */
export function clock(x) {
  const left = x.workdays_left;
  const words = left === null || left === undefined ? x.due || '' : left < 0 ? t('due.over', { n: -left }) : left === 0 ? t('due.today') : t('due.left', { n: left });
  const kind = { red: 'bad', yellow: 'warn' }[x.card];
  return kind ? html`${chip(kind, `${t(`card.${x.card}`)} ${words}`)}` : words ? html`<span class="nowrap">${words}</span>` : nothing;
}

/** What tells a row from the others of its form: key values that are not the sheet's, joined by ':' (as the server does). */
export function rowKey(type, row) {
  return type.key.filter((k) => !type.sheet.includes(k)).map((k) => row[k]).join(':');
}
export const pathOf = (id) => `/filings/${encodeURIComponent(id)}`;
export const findingText = (f) => (language() === 'en' ? f.text_en || f.text_zh : f.text_zh || f.text_en) || f.id;
export const SEVERITY = { block: 'bad', explain: 'warn', warn: 'nodata' };

/** Name of a person as the server gives it: text or {id,name}. */
export const who = (x) => (x === null || x === undefined ? '—' : typeof x === 'string' ? x : nm({ zh: x.name, en: x.name, id: x.id }));
/** Items of a list answer, whichever of its forms. */
export const itemsOf = (d) => (Array.isArray(d) ? d : (d && (d.items || d.rows)) || []);
/** Records as objects, from {"columns","rows":[[...]]}, {"items":[{...}]} or {"items":[{"id","data":{...}}]}. */
export function recordsOf(d) {
  if (d && Array.isArray(d.columns) && Array.isArray(d.rows)) return d.rows.map((r) => Object.fromEntries(d.columns.map((c, i) => [typeof c === 'string' ? c : c.name, r[i]])));
  return itemsOf(d).map((r) => (r && r.data && typeof r.data === 'object' ? { id: r.id, ...r.data } : r));
}
