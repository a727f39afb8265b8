/* 导入: a file is tried first; what is new, changed, the same and refused is shown, and only then is it brought in. */
import { LitElement, html, nothing } from '../lib/lit.js';
import { t, language } from '../lib/i18n.js';
import { send, q } from '../lib/api.js';
import { csrf } from '../lib/me.js';
import { num } from '../lib/format.js';
import { table } from './bits.js';

class QfImport extends LitElement {
  static properties = { type: {}, file: { state: true }, result: { state: true }, error: { state: true }, busy: { state: true } };

  createRenderRoot() {
    return this;
  }
  path(o) {
    return q(`/records/${encodeURIComponent(this.type)}/import`, { format: /\.xlsx$/i.test(this.file.name) ? 'xlsx' : 'csv', ...o });
  }
  async run(commit) {
    this.busy = true;
    this.error = null;
    try {
      this.result = (await send('POST', this.path({ commit: commit ? '1' : '0' }), this.file, { csrf: csrf(), type: 'application/octet-stream' })).data;
      if (commit) this.dispatchEvent(new CustomEvent('imported', { bubbles: true }));
    } catch (e) {
      this.error = e;
    }
    this.busy = false;
  }
  async refused() {
    try {
      const { data } = await send('POST', this.path({ commit: '0', refused: 'csv' }), this.file, { csrf: csrf(), type: 'application/octet-stream', raw: true });
      const a = document.createElement('a');
      a.href = URL.createObjectURL(data);
      a.download = `${this.type}-refused.csv`;
      a.click();
      setTimeout(() => URL.revokeObjectURL(a.href), 10000);
    } catch (e) {
      this.error = e;
    }
  }

  render() {
    const r = this.result;
    return html`<section class="card import" aria-labelledby="h-import"><div class="cardhead"><h2 id="h-import">${t('import.title')}</h2></div>
      <div class="filters"><label>${t('import.file')} <input type="file" id="import-file" accept=".csv,.xlsx" @change=${(e) => { [this.file] = e.target.files; this.result = null; if (this.file) this.run(false); }}></label>${this.busy ? html`<span role="status">${t('state.loading')}</span>` : nothing}</div>
      <p class="small dim">${t('import.how')}</p>${this.error ? html`<p class="note bad" role="alert">${this.error.message}</p>` : nothing}
      ${r ? html`<div role="status"><p><b>${t(r.committed ? 'import.done' : 'import.dry')}</b> ${t('import.counts', { rows: num(r.rows, 0), new: num(r.new, 0), changed: num(r.changed, 0), same: num(r.same, 0), refused: num((r.refused || []).length, 0) })}</p></div>
        ${(r.refused || []).length ? html`${table({ caption: t('import.refused'), limit: 50, rows: r.refused, columns: [{ label: t('import.row'), num: true, cell: (x) => num(x.row, 0) }, { label: t('import.column'), head: true, cell: (x) => x.header || x.column || '—' }, { label: t('import.value'), cell: (x) => x.value || '—' },
      { label: t('import.expected'), cell: (x) => x.expected || '—' }, { label: t('import.why'), cell: (x) => (language() === 'en' ? x.message : x.message_zh) || x.message }] })}<p><button @click=${() => this.refused()}>${t('import.get_refused')}</button></p>` : nothing}
        ${(r.diff || []).length ? table({ caption: t('import.diff'), limit: 100, rows: r.diff, columns: [{ label: t('list.id'), head: true, cell: (x) => x.key || x.id }, { label: t('conflict.field'), cell: (x) => x.field || '—' }, { label: t('diff.before'), num: true, cell: (x) => x.before ?? '—' }, { label: t('diff.after'), num: true, cell: (x) => x.after ?? '—' }] }) : nothing}
        ${r.committed ? nothing : r.new + r.changed > 0 ? html`<div class="row"><button class="primary" ?disabled=${this.busy} @click=${() => this.run(true)}>${t('import.commit')}</button></div>` : html`<p>${t('import.nothing')}</p>`}` : nothing}</section>`;
  }
}
customElements.define('qf-import', QfImport);
