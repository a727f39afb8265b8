/* <qf-chart>: one ECharts canvas. `make(tokens)` gives the option; `label` is the sentence a screen reader hears (ECharts' own
 * sentences are wrong for flows and times, so they are off). Redrawn for theme, size and paper. */
import { LitElement } from '../lib/lit.js';
import { onTheme, tokens } from '../lib/theme.js';
import { begin } from '../lib/ready.js';
import { t } from '../lib/i18n.js';

let library = null;
const charts = () => {
  if (!library) library = import('../../vendor-charts.js');
  return library;
};

class QfChart extends LitElement {
  static properties = { make: { attribute: false }, label: { attribute: false }, picked: { attribute: false } };

  constructor() {
    super();
    this.chart = null;
    this.end = null;
    this.host = null;
  }

  createRenderRoot() {
    return this;
  }

  connectedCallback() {
    super.connectedCallback();
    this.stop = onTheme(() => this.draw());
    this.paper = () => {
      if (!this.chart) return;
      this.chart.resize({ width: 680 });
      this.chart.getZr().flush(); // paper does not wait for the next frame
    };
    this.screen = () => this.chart && this.chart.resize({ width: 'auto' });
    window.addEventListener('beforeprint', this.paper);
    window.addEventListener('afterprint', this.screen);
    this.end = begin();
  }

  disconnectedCallback() {
    super.disconnectedCallback();
    this.stop();
    window.removeEventListener('beforeprint', this.paper);
    window.removeEventListener('afterprint', this.screen);
    if (this.sizes) this.sizes.disconnect();
    if (this.chart) this.chart.dispose();
    this.chart = null;
    if (this.end) this.end();
  }

  async firstUpdated() {
    this.host = document.createElement('div');
    this.host.setAttribute('role', 'img');
    this.host.tabIndex = 0;
    this.append(this.host);
    const { init } = await charts();
    if (!this.isConnected) return;
    this.chart = init(this.host, null, { renderer: 'canvas' });
    this.chart.on('finished', () => { if (this.end) { this.end(); this.end = null; } });
    this.chart.on('click', (p) => { if (this.picked) this.picked(p); });
    this.sizes = new ResizeObserver(() => this.chart && this.chart.resize());
    this.sizes.observe(this.host);
    this.draw();
  }

  updated() {
    this.draw();
  }

  draw() {
    if (!this.chart || !this.make) return;
    if (!this.end) this.end = begin();
    const tk = tokens();
    this.host.setAttribute('aria-label', (this.label || '') + t('chart.see_table'));
    this.chart.setOption({ ...base(tk), ...this.make(tk) }, { notMerge: true });
  }

  /** The picture at twice its size, on the page's ground. @returns {HTMLCanvasElement} */
  picture() {
    return this.chart.renderToCanvas({ pixelRatio: 2, backgroundColor: tokens().surface });
  }
}

function base(tk) {
  return {
    animation: false,
    textStyle: { fontFamily: tk.font, fontSize: 0.75 * tk.rem, color: tk.text },
    aria: { enabled: true, label: { enabled: false } },
  };
}

customElements.define('qf-chart', QfChart);
