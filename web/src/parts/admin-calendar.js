/* The working-day calendar: holidays and days worked instead, by month, as it decides every due day. */
import { html, nothing } from '../lib/lit.js';
import { t, word, language } from '../lib/i18n.js';
import { q } from '../lib/api.js';
import { patch } from '../lib/url.js';
import { view } from './states.js';
import { itemsOf } from '../lib/filing.js';

/** @param {import('../lib/page.js').Page} page */
export function calendarTab(page) {
  const year = Number(page.q.get('year')) || Number(page.city.now.slice(0, 4));
  page.need('calendar', q('/calendar', { year: String(year) }));
  return html`<section class="card" aria-labelledby="h-cal"><div class="cardhead"><h2 id="h-cal">${t('calendar.title', { year })}</h2><span class="grow"></span><button aria-label=${t('calendar.earlier')} @click=${() => patch({ year: String(year - 1) })}>‹</button><button aria-label=${t('calendar.later')} @click=${() => patch({ year: String(year + 1) })}>›</button></div>
    ${view(page, 'calendar', (d) => html`${d.published === false ? html`<p class="note" role="status">${t('calendar.unpublished')}</p>` : nothing}<p class="key"><span><i class="off"></i>${t('day.holiday')}</span><span><i class="shift"></i>${t('day.shift')}</span><span><i class="wk"></i>${t('day.weekend')}</span></p>
      <div class="months">${Array.from({ length: 12 }, (_, m) => month(year, m, new Map((d.days || itemsOf(d)).map((x) => [x.day, x]))))}</div>`)}</section>`;
}

function month(year, m, days) {
  const first = (new Date(Date.UTC(year, m, 1)).getUTCDay() + 6) % 7;
  const n = new Date(Date.UTC(year, m + 1, 0)).getUTCDate();
  const cells = [...Array(first).fill(0), ...Array.from({ length: n }, (_, i) => i + 1)];
  while (cells.length % 7) cells.push(0);
  const weeks = Array.from({ length: cells.length / 7 }, (_, i) => cells.slice(7 * i, 7 * i + 7));
  const name = new Intl.DateTimeFormat(language() === 'en' ? 'en' : 'zh-CN', { month: 'long', timeZone: 'UTC' }).format(Date.UTC(year, m, 1));
  return html`<table class="month"><caption>${name}</caption><thead><tr>${[1, 2, 3, 4, 5, 6, 7].map((k) => html`<th scope="col">${t(`weekday.${k}`)}</th>`)}</tr></thead><tbody>${weeks.map((w) => html`<tr>${w.map((d, k) => day(year, m, d, k >= 5, days))}</tr>`)}</tbody></table>`;
}
function day(year, m, d, weekend, days) {
  if (!d) return html`<td></td>`;
  const x = days.get(`${year}-${String(m + 1).padStart(2, '0')}-${String(d).padStart(2, '0')}`);
  const kind = !x ? '' : x.kind === 'holiday' ? 'off' : x.kind === 'workday' && weekend ? 'shift' : x.kind === 'weekend' ? 'wk' : '';
  return html`<td class=${kind} title=${x && x.name ? (typeof x.name === 'string' ? x.name : x.name[language()]) : nothing}>${d}${kind === 'off' || kind === 'shift' ? html`<span class="sr"> ${t(`day.${kind === 'off' ? 'holiday' : 'shift'}`)}</span>` : nothing}</td>`;
}
