/* 告警: what is beyond its limit now, since when, and who has taken note. */
import { html, nothing } from '../lib/lit.js';
import { Page } from '../lib/page.js';
import { t, nm, word } from '../lib/i18n.js';
import { q, post } from '../lib/api.js';
import { href, same } from '../lib/url.js';
import { inUnit, stamp, age, ms } from '../lib/format.js';
import { card } from '../parts/card.js';
import { table, source, chip, pager } from '../parts/bits.js';
import { unitLink } from '../parts/who.js';
import { toast } from '../parts/copy.js';

const SIZE = 50;

class PageAlarms extends Page {
  static properties = { ...Page.properties, asking: { state: true }, error: { state: true } };

  live(e) {
    if (e.alarms && e.alarms.length && !this.asking) this.again();
  }

  render() {
    const all = this.q.get('all') === '1';
    const page = Math.max(1, Number(this.q.get('page')) || 1);
    const path = q('/alarms', { active: all ? null : '1', subject: this.q.get('s'), page: String(page), size: String(SIZE) });
    this.need('alarms', path);
    return html`<div class="head"><h1>${t('alarms.title')}</h1><span class="sub">${t('alarms.sub')}</span></div>
      <div class="filters"><nav class="chips" aria-label=${t('points.filter')}><a href=${same({ all: null, page: null })} aria-current=${all ? 'false' : 'true'}>${t('alarms.active')}</a>
        <a href=${same({ all: '1', page: null })} aria-current=${all ? 'true' : 'false'}>${t('alarms.all')}</a></nav>
        ${this.q.get('s') ? html`<span class="tag">${t('col.subject')}: ${this.q.get('s')}</span><a href=${same({ s: null, page: null })}>${t('do.clear')}</a>` : nothing}
        ${this.city.user ? nothing : html`<span class="dim small">${t('alarms.login')} <a href=${href('/login')}>${t('nav.login')}</a></span>`}</div>
      <div class="grid">${card(this, {
        id: 'alarms', cls: 'c12', title: t('alarms.list'), slot: 'alarms', api: path, empty: (d) => d.rows.length === 0, hint: t('alarms.none'),
        table: (d) => html`${this.list(d.rows, path)}${d.total > SIZE ? pager(d.total, SIZE, page) : nothing}`,
        source: () => source([[t('src.api'), html`<code>/api/v1${path}</code>`], [t('src.rule'), t('alarms.rule')]]),
      })}</div>${this.asking ? this.dialog() : nothing}`;
  }

  list(rows, path) {
    const now = ms(this.city.live || this.city.now);
    return table({ api: path, rows, columns: [
      { label: t('col.point'), head: true, raw: (r) => r.id, cell: (r) => html`<a href=${href('/points', { p: String(r.point) })}>${nm(r)}</a>` },
      { label: t('col.subject'), cell: (r) => unitLink(this, r.subject) },
      { label: t('col.state'), cell: (r) => chip(r.active ? 'bad' : 'ok', r.active ? word('alarm', r.kind) : `${word('alarm', r.kind)} · ${t('alarm.over')}`) },
      { label: t('col.value'), num: true, raw: (r) => r.value, cell: (r) => inUnit(r.value, r.unit) }, { label: t('col.limit'), num: true, raw: (r) => r.limit, cell: (r) => inUnit(r.limit, r.unit) },
      { label: t('col.since'), cell: (r) => html`<span class="nowrap">${stamp(r.at)}</span><br><span class="small dim">${age(r.at, Math.max(now, ms(r.at)))}</span>` },
      { label: t('alarms.ack'), cell: (r) => this.ack(r) }] });
  }

  ack(r) {
    if (r.ack) return html`${r.ack.by} <span class="small dim">${stamp(r.ack.at)}</span>${r.ack.note ? html`<br><span class="small">${r.ack.note}</span>` : nothing}`;
    return this.city.user ? html`<button @click=${() => { this.error = null; this.asking = r; }} aria-label="${t('alarms.do_ack')}: ${nm(r)}">${t('alarms.do_ack')}</button>` : html`<span class="dim">${t('alarms.open')}</span>`;
  }

  updated() {
    this.querySelector('dialog:not([open])')?.showModal();
  }

  dialog() {
    return html`<dialog aria-labelledby="ack-h" @close=${() => { this.asking = null; }}>
      <form class="form" @submit=${(e) => this.send(e)}><h2 id="ack-h">${t('alarms.do_ack')}</h2><p>${nm(this.asking)} · ${word('alarm', this.asking.kind)} · ${inUnit(this.asking.value, this.asking.unit)}</p>
        ${this.error ? html`<div class="err" role="alert">${this.error.message}</div>` : nothing}
        <label for="note">${t('alarms.note')}</label><input id="note" name="note" maxlength="200" autocomplete="off">
        <p class="small dim">${t('alarms.append_only')}</p>
        <div class="row"><button class="primary">${t('alarms.do_ack')}</button><button type="button" @click=${(e) => e.target.closest('dialog').close()}>${t('do.cancel')}</button></div></form></dialog>`;
  }

  async send(e) {
    e.preventDefault();
    const note = new FormData(e.target).get('note').trim();
    const dialog = e.target.closest('dialog');
    try {
      await post(`/alarms/${encodeURIComponent(this.asking.id)}/ack`, { note }, this.city.csrf);
      dialog.close();
      toast(t('alarms.acked'));
      this.again();
    } catch (err) {
      this.error = err; // what was typed stays in the field
    }
  }
}
customElements.define('page-alarms', PageAlarms);
