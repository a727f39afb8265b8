/* Why is it this number: a tree one walks down, each node with its op, share, reference and its own address. */
import { LitElement, html, nothing } from '../lib/lit.js';
import { t, nm, word, code } from '../lib/i18n.js';
import { num, pct, unitName, scaleFor, stamp } from '../lib/format.js';
import { href, same } from '../lib/url.js';
import { get, q } from '../lib/api.js';
import { copyText } from './copy.js';

const OPS = { sum: 'Σ', '+': 'Σ', ratio: '÷', '/': '÷', product: '×', '*': '×', difference: '−', '-': '−', max: 'max', account: 'Σ' };
const ADDS = ['sum', '+', 'difference', '-', 'account'];

/** Share of a child in its parent, where adding makes the parent; null otherwise. */
export function shareOf(parent, child) {
  if (!parent || !ADDS.includes(parent.op || parent.kind) || !parent.value || child.value === null || child.value === undefined) return null;
  return child.unit && parent.unit && child.unit !== parent.unit ? null : child.value / parent.value;
}

/** What a node is called. A dimension of the packs (c=belt_gallery) is a code until there is a word for it. */
function named(node, figure) {
  const l = nm(node.label);
  if (!/(^|\/)c=[^/]*$/.test(String(node.path || '')) || !/^[a-z0-9_]+$/.test(l)) return l;
  return code(String(figure || '').split('.')[0], l);
}

class QfWhy extends LitElement {
  static properties = { root: { attribute: false }, figure: { attribute: false }, ask: { attribute: false } };

  constructor() {
    super();
    this.opened = new Map(); // path -> {node?, error?, busy?, shut?}
  }

  createRenderRoot() {
    return this;
  }

  willUpdate(changed) {
    if (changed.has('root') && changed.get('root') && this.root && changed.get('root').path !== this.root.path) this.opened.clear();
  }

  render() {
    if (!this.root) return nothing;
    return html`<div class="why"><ul>${this.item(this.root, null, 0)}</ul></div>`;
  }

  item(node, parent, depth) {
    const key = node.path === undefined ? '' : String(node.path);
    const own = this.opened.get(key);
    const kids = own && own.node ? own.node.children || [] : node.children || [];
    const can = kids.length > 0 || node.more > 0;
    const open = own ? !own.shut : kids.length > 0 && depth < 1;
    const rest = own && own.node ? own.node.more || 0 : kids.length ? node.more || 0 : 0;
    const id = `why-${key.replace(/[^A-Za-z0-9]/g, '-')}`;
    return html`<li>
      <div class="node">
        ${can ? html`<button class="tw" aria-expanded=${open ? 'true' : 'false'} aria-label="${t(open ? 'do.collapse' : 'do.expand')}: ${named(node, this.figure)}"
          @click=${() => this.toggle(node, key, open, kids.length > 0)}>${open ? '−' : '+'}</button>` : html`<span class="leaf" aria-hidden="true">·</span>`}
        <span class="l">${named(node, this.figure)}${key === 'num' && parent && parent.unit === '%' ? t('fig.times100') : ''}</span>
        <span class="num" data-v=${node.value === null || node.value === undefined ? '' : node.value}>${valueText(node)}</span>
        ${this.meta(node, parent, key)}
      </div>
      ${node.restatement ? this.restated(node.restatement) : nothing}
      ${open && own && own.busy ? html`<p class="dim small">${t('state.loading')}</p>` : nothing}
      ${open && own && own.error ? html`<p class="dim small" role="status">${own.error}</p>` : nothing}
      ${open && kids.length ? html`<ul id=${id}>${kids.map((c) => this.item(c, node, depth + 1))}
        ${rest > 0 ? html`<li class="dim small">${t('why.more', { n: num(rest, 0) })} <a href=${same({ why: key || null })}>${t('why.walk')}</a></li>` : nothing}</ul>` : nothing}
    </li>`;
  }

  /** The published value beside the present one; no part of the sum. */
  restated(r) {
    const v = (x) => (x === null || x === undefined ? '—' : num(Number(x), 3));
    return html`<div class="note small restated"><b>${t('pub.title')}</b> ${t('pub.then_now', { then: v(r.published), now: v(r.now), difference: v(r.difference) })} <span class="dim">${stamp(r.at)}</span>
      ${(r.changes || []).length ? html`<ol>${r.changes.map((c) => html`<li>${stamp(c.at)}: ${v(c.old)} → ${v(c.new)} · ${c.reason || '—'}${[...new Set(((c.cause && c.cause.records) || []).map((x) => x.by))].map((b) => ` · ${b}`)}</li>`)}</ol>` : nothing}</div>`;
  }

  meta(node, parent, key) {
    const share = shareOf(parent, node);
    const op = OPS[node.op] || OPS[node.kind] || '';
    const r = node.ref || {};
    return html`<span class="meta">
      ${op ? html`<span><span class="op" aria-hidden="true">${op}</span>${word('kind', node.kind)}</span>` : html`<span>${word('kind', node.kind)}</span>`}
      ${share !== null ? html`<span class="share"><svg class="bar" viewBox="0 0 100 6" preserveAspectRatio="none" aria-hidden="true"><rect width=${Math.max(0, Math.min(100, Math.abs(share) * 100))}
        height="6" fill="currentColor"></rect></svg>${pct(share)}</span>` : nothing}
      ${node.quality ? html`<span class="tag ${node.quality === 'estimated' ? 'hatch' : ''}">${word('quality', node.quality)}</span>` : nothing}
      ${r.factor ? html`<span>${t('why.factor')} <code>${r.factor}</code></span>` : nothing}
      ${r.source || r.clause ? html`<span>${[r.source, r.clause].filter(Boolean).join(' · ')}</span>` : nothing}
      ${r.at ? html`<span>${stamp(r.at)}</span>` : nothing}
      ${r.point !== undefined && r.point !== null ? html`<a href=${href('/points', { p: String(r.point) })}>${t('why.point')} ${r.point}</a>` : nothing}
      ${r.record ? html`<span>${t('why.record')} <code>${r.record}</code></span>` : nothing}
      ${r.seq ? html`<span>${t('why.seq')} ${num(r.seq, 0)}</span>` : nothing}
      ${key ? html`<a href=${same({ why: key })}>${t('why.from_here')}</a>` : nothing}
      <button @click=${() => copyText(`${named(node, this.figure)} ${node.value} ${node.unit || ''} · ${location.origin}${same({ why: key || null })}`)}>${t('do.cite')}</button>
    </span>`;
  }

  async toggle(node, key, open, loaded) {
    const own = this.opened.get(key);
    if (own || loaded) {
      this.opened.set(key, { ...(own || {}), shut: open });
      this.requestUpdate();
      if (loaded || (own && own.node)) return;
    }
    this.opened.set(key, { busy: true });
    this.requestUpdate();
    try {
      this.opened.set(key, { node: await get(q(`/why/${this.figure}`, { ...this.ask, depth: '1', path: key })) });
    } catch (e) {
      this.opened.set(key, { error: e.message });
    }
    this.requestUpdate();
  }
}

/** Full digits: what is explained must be comparable to the last digit. */
function valueText(node) {
  if (node.value === null || node.value === undefined) return '—';
  const exact = typeof node.value === 'string' ? node.value : Number(node.value).toLocaleString('en-US', { maximumFractionDigits: 9 });
  const s = exact.startsWith('-') ? '\u2212' + exact.slice(1) : exact;
  return html`${s} <small title=${scaleFor(node.value, node.unit).unit}>${unitName(node.unit)}</small>`;
}

customElements.define('qf-why', QfWhy);
