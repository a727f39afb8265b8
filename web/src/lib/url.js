/* The address is the state: path = what, query = how. Everything that can be seen can be copied as an address. */

/** Query keys that stay when one walks to another page. */
const STICKY = ['r', 'd', 'cmp', 'lang', 'theme', 'kiosk', 'view'];
const bus = new EventTarget();

/** @returns {{path: string, q: URLSearchParams}} */
export function here() {
  return { path: location.pathname, q: new URLSearchParams(location.search) };
}

function show(q) {
  // keep the readable characters of periods and lists readable
  const s = q.toString().replace(/%2C/g, ',').replace(/%3A/g, ':');
  return s ? '?' + s : '';
}

/** Address of another page, keeping the sticky keys. @param {string} path @param {Object<string, ?string>} [params] */
export function href(path, params = {}) {
  const from = new URLSearchParams(location.search);
  const q = new URLSearchParams();
  for (const k of STICKY) if (from.has(k)) q.set(k, from.get(k));
  for (const k of Object.keys(params)) {
    if (params[k] === null || params[k] === undefined || params[k] === '') q.delete(k);
    else q.set(k, params[k]);
  }
  return path + show(q);
}

/** Address of this page with some keys changed (null removes). */
export function same(params) {
  const q = new URLSearchParams(location.search);
  for (const k of Object.keys(params)) {
    if (params[k] === null || params[k] === undefined || params[k] === '') q.delete(k);
    else q.set(k, params[k]);
  }
  return location.pathname + show(q);
}

/** Go to an address of ours. @param {string} to @param {boolean} [replace] no new entry in the history */
export function go(to, replace = false) {
  if (to === location.pathname + location.search) return;
  const walk = to.split('?')[0] !== location.pathname;
  history[replace ? 'replaceState' : 'pushState'](null, '', to);
  bus.dispatchEvent(new CustomEvent('nav', { detail: { walk } }));
  if (walk) window.scrollTo(0, 0);
}

/** Change some keys of this address. */
export function patch(params, replace = false) {
  go(same(params), replace);
}

/** @param {(walk: boolean) => void} fn called after each change of the address @returns {() => void} stop */
export function onNav(fn) {
  const f = (e) => fn(Boolean(e.detail && e.detail.walk));
  bus.addEventListener('nav', f);
  return () => bus.removeEventListener('nav', f);
}

/** Take over plain clicks on links of ours; everything else is the browser's. */
export function captureLinks() {
  window.addEventListener('popstate', () => bus.dispatchEvent(new CustomEvent('nav', { detail: { walk: true } })));
  document.addEventListener('click', (e) => {
    if (e.defaultPrevented || e.button !== 0 || e.metaKey || e.ctrlKey || e.shiftKey || e.altKey) return;
    const a = e.target instanceof Element ? e.target.closest('a[href]') : null;
    if (!a || a.hasAttribute('download') || a.target || a.getAttribute('href').startsWith('#')) return;
    const u = new URL(a.href);
    if (u.origin !== location.origin || u.pathname.startsWith('/api/')) return;
    if (!/^\/($|[aemfr]($|\/)|(points|alarms|login|work|campaign|findings|admin|account)$)/.test(u.pathname)) return;
    e.preventDefault();
    go(u.pathname + u.search);
  });
}
