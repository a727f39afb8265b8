/* The context bar: area, period with ‹ ›, comparison, share online, age of the data, pause. */
import { html, nothing } from '../lib/lit.js';
import { t, nm } from '../lib/i18n.js';
import { here, patch } from '../lib/url.js';
import { PERIODS, period, shift, periodName } from '../lib/period.js';
import { stamp, num } from '../lib/format.js';
import * as live from '../lib/live.js';

export function context(app) {
  const { path, q } = here();
  const c = app.city;
  const p = period(q.get('r'), c.latest_month);
  const timely = path === '/' || path === '/e' || path.startsWith('/e/') || /^\/[am]\//.test(path);
  const area = path === '/' || path === '/e' || /^\/[am]\//.test(path);
  const s = live.liveState();
  const o = c.online || { points: 0, fresh: 0 };
  const share = o.points ? o.fresh / o.points : 0;
  return html`<div class="ctx">
    ${area ? html`<label class="choose"><span>${t('ctx.area')}</span><select id="ctx-d" @change=${(e) => patch({ d: e.target.value })}>
      <option value="" ?selected=${!q.get('d')}>${t('ctx.city')}</option>${(c.districts || []).map((d) => html`<option value=${d.id} ?selected=${q.get('d') === d.id}>${nm(d)}</option>`)}
      ${q.get('d') && !(c.districts || []).some((d) => d.id === q.get('d')) ? html`<option selected value=${q.get('d')}>${t('ctx.unit', { id: q.get('d') })}</option>` : nothing}</select></label>` : nothing}
    ${timely ? html`<label class="choose"><span>${t('ctx.period')}</span><select id="ctx-r" @change=${(e) => patch({ r: e.target.value === 'ytd' ? null : e.target.value })}>
      ${PERIODS.map((k) => html`<option value=${k} ?selected=${p.key === k}>${t(`period.${k}`)}</option>`)}
      ${p.key === 'custom' ? html`<option selected value=${p.text}>${t('period.custom')}</option>` : nothing}</select></label>
      <span class="step choose"><button aria-label=${t('ctx.earlier')} @click=${() => patch({ r: shift(p, -1) })}>‹</button><button aria-label=${t('ctx.later')}
        @click=${() => patch({ r: shift(p, 1) })}>›</button></span><b id="ctx-name">${periodName(p.from, p.to)}</b>
      <label class="choose"><span>${t('ctx.cmp')}</span><select id="ctx-cmp" @change=${(e) => patch({ cmp: e.target.value === 'yoy' ? null : e.target.value })}>
        ${['yoy', 'none'].map((k) => html`<option value=${k} ?selected=${(q.get('cmp') || 'yoy') === k}>${t(`cmp.${k}`)}</option>`)}</select></label>` : nothing}
    <span class="grow"></span>
    <span class="pulse" title="${num(o.fresh, 0)} / ${num(o.points, 0)}"><i class="dot ${o.points === 0 ? 'off' : share < 0.9 ? 'warn' : ''}"></i>
      ${t('ctx.online')} <b>${app.onlineText}</b> · ${t('ctx.asof')} ${stamp(c.live || c.now)}</span>
    <button class="choose" aria-pressed=${s.paused ? 'true' : 'false'} @click=${() => live.setPaused(!s.paused)}>${s.paused
      ? html`▶ ${s.held ? t('live.held', { n: s.held }) : t('live.play')}` : html`❚❚ ${t('live.pause')}`}</button>
  </div>`;
}
