/* What happens now. One connection for all tabs of a browser: a SharedWorker holds the event stream (six connections per
 * host would otherwise be eaten by six tabs). Where there is no SharedWorker the city is asked every 15 seconds. */
import { get } from './api.js';

const bus = new EventTarget();
let paused = false;
let hold = null; // last event that came while paused
let held = 0;

/** @typedef {{seq: number, points: {id: number, value: number, ts: (string|number)}[], alarms: object[], generation: number}} Live */

function deliver(detail) {
  if (paused) {
    held++;
    hold = hold ? { ...detail, points: [...hold.points, ...(detail.points || [])] } : { ...detail, points: detail.points || [] };
    bus.dispatchEvent(new CustomEvent('state'));
    return;
  }
  bus.dispatchEvent(new CustomEvent('live', { detail }));
}

async function poll() {
  try {
    const c = await get('/city');
    deliver({ seq: c.seq, points: [], alarms: [], generation: c.seq, city: c });
  } catch {
    // the next round will say; the context bar shows the age of the data meanwhile
  }
  setTimeout(poll, 15000);
}

export function start() {
  if (typeof SharedWorker === 'undefined') {
    setTimeout(poll, 15000);
    return;
  }
  const w = new SharedWorker('/app/lib/live-worker.js', { name: 'qingfeng-live' });
  w.onerror = () => setTimeout(poll, 15000);
  w.port.onmessage = (e) => deliver(e.data);
  w.port.start();
  window.addEventListener('pagehide', () => w.port.postMessage('bye'));
}

/** @param {(e: Live) => void} fn @returns {() => void} stop */
export function onLive(fn) {
  const f = (e) => fn(e.detail);
  bus.addEventListener('live', f);
  return () => bus.removeEventListener('live', f);
}
/** Told when paused or the number of held events changes. */
export function onLiveState(fn) {
  bus.addEventListener('state', fn);
  return () => bus.removeEventListener('state', fn);
}
export const liveState = () => ({ paused, held });
export function setPaused(p) {
  paused = p;
  const last = hold;
  hold = null;
  held = 0;
  bus.dispatchEvent(new CustomEvent('state'));
  if (!p && last) deliver(last);
}
