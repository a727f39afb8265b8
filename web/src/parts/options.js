/* Chart options as functions of data and tokens. Measured is solid, estimated is hatched, missing is a gap. */
import { t, nm } from '../lib/i18n.js';
import { num, shortStamp, stamp } from '../lib/format.js';
import { family } from '../lib/theme.js';

/** richText only: the HTML tooltip of ECharts writes inline styles, which the content security policy refuses. */
export const tip = (tk, o = {}) => ({
  renderMode: 'richText', confine: true, backgroundColor: tk.surface, borderColor: tk.control, borderWidth: 1,
  textStyle: { color: tk.text, fontSize: 0.75 * tk.rem, fontFamily: tk.font, lineHeight: 1.25 * tk.rem }, ...o,
});
export const axisX = (tk, o = {}) => ({
  axisLine: { lineStyle: { color: tk.border } }, axisTick: { show: false }, axisLabel: { color: tk.text2, fontSize: 0.75 * tk.rem, hideOverlap: true },
  splitLine: { show: false }, ...o,
});
export const axisY = (tk, o = {}) => ({
  type: 'value', axisLabel: { color: tk.text2, fontSize: 0.75 * tk.rem }, splitLine: { lineStyle: { color: tk.hair } }, axisLine: { show: false }, ...o,
});
export const legend = (tk, o = {}) => ({
  top: 0, left: 0, itemWidth: 14, itemHeight: 10, itemGap: 16, textStyle: { color: tk.text2, fontSize: 0.75 * tk.rem }, ...o,
});

/** Diagonal hatch for estimated values. */
export function hatch(color, ground) {
  const c = document.createElement('canvas');
  c.width = c.height = 8;
  const g = c.getContext('2d');
  g.fillStyle = ground;
  g.fillRect(0, 0, 8, 8);
  g.strokeStyle = color;
  g.lineWidth = 1.6;
  g.beginPath();
  for (const k of [-8, 0, 8]) {
    g.moveTo(k, 8);
    g.lineTo(k + 8, 0);
  }
  g.stroke();
  return { image: c, repeat: 'repeat' };
}

/** Order of a column: by the mean place of what flows in, losses last; large sources first. */
export function arrange(nodes, links) {
  const layers = new Map();
  const amount = new Map();
  for (const l of links) {
    amount.set(l.source, (amount.get(l.source) || 0) + l.value);
    amount.set(l.target, (amount.get(l.target) || 0) + l.value);
  }
  for (const n of nodes) {
    const k = n.layer || 0;
    if (!layers.has(k)) layers.set(k, []);
    layers.get(k).push(n);
  }
  const place = new Map();
  const out = [];
  for (const k of [...layers.keys()].sort((a, b) => a - b)) {
    const score = new Map(layers.get(k).map((n) => {
      const into = links.filter((l) => l.target === n.id && place.has(l.source));
      const sum = into.reduce((s, l) => s + l.value, 0);
      const mean = sum > 0 ? into.reduce((s, l) => s + l.value * place.get(l.source), 0) / sum : 1 - (amount.get(n.id) || 0) * 1e-12;
      return [n.id, isLoss(n) ? 1e9 : mean];
    }));
    const col = layers.get(k).slice().sort((a, b) => score.get(a.id) - score.get(b.id) || (amount.get(b.id) || 0) - (amount.get(a.id) || 0));
    col.forEach((n, i) => place.set(n.id, i / Math.max(1, col.length)));
    out.push(...col);
  }
  return out;
}
const isLoss = (n) => n.group === 'loss' || /^(loss|residual|used)$/.test(n.id);

/** Energy flow. @param {{nodes: any[], links: any[]}} d @param {number} div @param {string} unit */
export function sankey(d, div, unit) {
  return (tk) => {
    const nodes = arrange(d.nodes, d.links);
    const names = new Map(nodes.map((n) => [n.id, nm(n.name)]));
    const last = Math.max(0, ...nodes.map((n) => n.layer || 0));
    return {
      tooltip: tip(tk, { trigger: 'item', formatter: (p) => (p.dataType === 'edge'
        ? `${names.get(p.data.source)} → ${names.get(p.data.target)}\n${num(p.data.value / div)} ${unit}` : `${names.get(p.name)}\n${num(p.value / div)} ${unit}`) }),
      series: [{
        type: 'sankey', left: 4, right: 118, top: 8, bottom: 8, nodeWidth: 12, nodeGap: 12, layoutIterations: 0, draggable: false, emphasis: { focus: 'adjacency' },
        data: nodes.map((n) => ({
          name: n.id, depth: n.layer, value: undefined,
          itemStyle: { color: colorOfNode(n, tk), borderWidth: n.group === 'pv' ? 1 : 0, borderColor: tk.control },
          label: { formatter: names.get(n.id), position: (n.layer || 0) === last ? 'right' : 'right' },
        })),
        links: d.links.filter((l) => l.value > 0).map((l) => ({
          source: l.source, target: l.target, value: l.value, lineStyle: { color: tk.c[family(l.carrier || '')], opacity: tk.dark ? 0.45 : 0.34, curveness: 0.5 },
        })),
        label: { color: tk.text, fontSize: 0.75 * tk.rem, fontFamily: tk.font, textBorderColor: tk.surface, textBorderWidth: 3 },
      }],
    };
  };
}
function colorOfNode(n, tk) {
  if (isLoss(n)) return tk.c.other;
  const own = family(n.id.replace(/^.*:/, '')); // "in:coke": the carrier itself
  const f = own === 'other' ? family(n.group || '') : own;
  return f === 'other' ? tk.node : tk.c[f];
}

/** Runs of indexes -> [[from, to]] for marking. */
export function runs(idx) {
  const out = [];
  for (const i of idx) {
    const l = out[out.length - 1];
    if (l && i === l[1] + 1) l[1] = i;
    else out.push([i, i]);
  }
  return out;
}

function timeAxis(tk, from, to) {
  const span = to - from;
  return axisX(tk, {
    type: 'time', min: from, max: to,
    axisLabel: { color: tk.text2, fontSize: 0.75 * tk.rem, hideOverlap: true, showMinLabel: true,
      formatter: (v) => (span > 2.5 * 86400e3 ? stamp(v).slice(5, 10) : shortStamp(v).slice(6)) },
  });
}

function bandSeries(tk, band, name) {
  // two stacked lines: an unseen floor and the thickness above it
  const line = { type: 'line', stack: 'band', stackStrategy: 'all', symbol: 'none', lineStyle: { opacity: 0 }, silent: true, tooltip: { show: false }, z: 1 };
  return [
    { ...line, name: name + ' ', data: band.map((b) => (b ? [b[0], b[1]] : [null, null])) },
    { ...line, name, data: band.map((b) => (b ? [b[0], b[2] - b[1]] : [null, null])), itemStyle: { color: tk.dark ? '#2C5666' : '#C3D9DE' }, areaStyle: { color: tk.dark ? '#4FB3CC' : '#0B5569', opacity: 0.16 } },
  ];
}

/** A line over time with a min-max band, hatched estimated stretches and the peak.
 * @param {{from: number, to: number, step: number, line: ([number, ?number])[], band: (?[number, number, number])[], bandName: string, lineName: string,
 *   estimated: [number, number][], peak?: ?{value: number, at: number}, unit: string, limit?: ?number}} d */
export function timeLine(d) {
  return (tk) => ({
    grid: { left: 8, right: 20, top: 40, bottom: 8, containLabel: true },
    legend: legend(tk, { selectedMode: false, data: [{ name: d.lineName, icon: 'rect' }, ...(d.band.length ? [{ name: d.bandName, icon: 'rect' }] : []),
      ...(d.estimated.length ? [{ name: t('quality.estimated'), icon: 'rect' }] : [])] }),
    tooltip: tip(tk, { trigger: 'axis', axisPointer: { type: 'line', lineStyle: { color: tk.control } }, formatter: (ps) => tipText(ps, d) }),
    xAxis: timeAxis(tk, d.from, d.to),
    yAxis: axisY(tk, { scale: true,
      axisLabel: { color: tk.text2, fontSize: 0.75 * tk.rem, formatter: (v) => num(v) } }),
    dataZoom: [{ type: 'inside', filterMode: 'none', zoomOnMouseWheel: 'ctrl', moveOnMouseWheel: false }],
    series: [...(d.band.length ? bandSeries(tk, d.band, d.bandName) : []), {
      type: 'line', name: d.lineName, data: d.line, symbol: 'none', sampling: 'minmax', connectNulls: false, lineStyle: { width: 2, color: tk.c.power }, z: 3,
      itemStyle: { color: tk.c.power },
      markPoint: d.peak ? { symbol: 'circle', symbolSize: 9, itemStyle: { color: tk.bad, borderColor: tk.surface, borderWidth: 2 },
        label: { position: 'top', color: tk.text, fontSize: 0.75 * tk.rem, fontWeight: 600, formatter: `${t('load.peak')} ${num(d.peak.value, 0)}`, distance: 6 },
        data: [{ coord: [d.peak.at, d.peak.value] }] } : undefined,
      markLine: d.limit ? { symbol: 'none', silent: true, lineStyle: { color: tk.bad, type: 'solid', width: 1 },
        label: { formatter: num(d.limit), color: tk.text, position: 'insideEndTop' }, data: [{ yAxis: d.limit }] } : undefined,
    }, {
      type: 'line', name: t('quality.estimated'), data: [], symbol: 'none', itemStyle: { color: hatch(tk.control, tk.surface2) }, lineStyle: { opacity: 0 },
      markArea: d.estimated.length ? { silent: true, itemStyle: { color: hatch(tk.control, tk.surface2), opacity: 0.55 }, data: d.estimated.map(([a, b]) => [{ xAxis: a }, { xAxis: b }]) }
        : undefined, z: 0,
    }],
  });
}
function tipText(ps, d) {
  const p = ps.find((x) => x.seriesName === d.lineName);
  const x = p ? p.value[0] : ps[0] && ps[0].value[0];
  if (!x) return '';
  const b = d.band.find((k) => k && k[0] === x);
  const est = d.estimated.some(([a, z]) => x >= a && x < z);
  return [stamp(x), `${d.lineName} ${p ? num(p.value[1]) : '—'} ${d.unit}${est ? ' · ' + t('quality.estimated') : ''}`,
    ...(b ? [`${d.bandName} ${num(b[1])} – ${num(b[2])}`] : [])].join('\n');
}

/** Monthly bars: stacked by key when there are keys; the estimated part is hatched; last year as a thin line; target as a line.
 * @param {{months: string[], series: {name: string, key: string, values: (?number)[], est: (?number)[]}[], last?: ?(?number)[], target?: ?number, unit: string, stack: boolean, line: boolean}} d */
export function months(d) {
  return (tk) => {
    const few = d.series.length === 1;
    const colors = palette(tk);
    const out = [];
    let hatched = false;
    d.series.forEach((s, i) => {
      const color = few ? tk.brand : s.color || colors[i % colors.length];
      if (d.line) {
        out.push({ type: 'line', name: s.name, data: s.values, symbolSize: 6, lineStyle: { width: 2 }, itemStyle: { color } });
        return;
      }
      const edge = { borderColor: tk.surface, borderWidth: few ? 0 : 1 };
      out.push({ type: 'bar', name: s.name, stack: 'v', barMaxWidth: 34, data: s.values.map((v, k) => (v === null ? null : v - (s.est[k] || 0))), itemStyle: { color, ...edge } });
      if (s.est.some((v) => v > 0)) {
        out.push({ type: 'bar', name: few ? t('quality.estimated') : s.name, stack: 'v', barMaxWidth: 34, data: s.est, itemStyle: { color: hatch(color, tk.surface), ...edge } });
        hatched = true;
      }
    });
    // one word in the legend for all hatched parts
    if (hatched && !few) out.push({ type: 'bar', name: t('quality.estimated'), stack: 'v', data: [], itemStyle: { color: hatch(tk.control, tk.surface) } });
    if (d.last) out.push({ type: 'line', name: t('trend.last_year'), data: d.last, symbol: 'circle', symbolSize: 5, lineStyle: { width: 1.5, type: 'dashed', color: tk.control }, itemStyle: { color: tk.control } });
    return {
      grid: { left: 8, right: 12, top: out.length > 7 ? 60 : out.length > 1 ? 36 : 12, bottom: 4, containLabel: true },
      legend: out.length > 1 ? legend(tk, { type: 'plain' }) : undefined,
      tooltip: tip(tk, { trigger: 'axis', axisPointer: { type: 'shadow' }, valueFormatter: (v) => num(v) }),
      xAxis: axisX(tk, { type: 'category', data: d.months }),
      yAxis: axisY(tk, { scale: d.line,
        axisLabel: { color: tk.text2, fontSize: 0.75 * tk.rem, formatter: (v) => num(v) } }),
      series: out,
    };
  };
}
const palette = (tk) => [tk.c.power, tk.c.oilgas, tk.c.bio, tk.c.heat, tk.c.wind, tk.c.coal, tk.brand, tk.c.other];
