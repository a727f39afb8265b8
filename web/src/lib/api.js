/* The one way to the server. Errors carry the server's own words in the reader's language. */
import { language } from './i18n.js';
import { begin } from './ready.js';

export class ApiError extends Error {
  /** @param {number} status @param {string} code @param {string} message */
  constructor(status, code, message) {
    super(message);
    this.status = status;
    this.code = code;
  }
}

async function fail(r) {
  let e = {};
  try {
    e = (await r.json()).error || {};
  } catch {
    // not JSON: the status alone must do
  }
  const words = language() === 'en' ? e.message || e.message_zh : e.message_zh || e.message;
  return new ApiError(r.status, e.code || String(r.status), words || `HTTP ${r.status}`);
}

/** @param {string} path below /api/v1 @param {{signal?: AbortSignal}} [o] */
export async function get(path, o = {}) {
  const end = begin();
  try {
    const r = await fetch('/api/v1' + path, { headers: { Accept: 'application/json' }, signal: o.signal });
    if (!r.ok) throw await fail(r);
    return await r.json();
  } finally {
    end();
  }
}

/** @param {string} path @param {object} body @param {?string} csrf from /city */
export async function post(path, body, csrf) {
  const headers = { 'Content-Type': 'application/json', Accept: 'application/json' };
  if (csrf) headers['X-QF-CSRF'] = csrf;
  const r = await fetch('/api/v1' + path, { method: 'POST', headers, body: JSON.stringify(body) });
  if (!r.ok) throw await fail(r);
  const text = await r.text();
  return text ? JSON.parse(text) : null;
}

/** "/a/b?x=1&y=2" from parts; empty values are left out. */
export function q(path, params) {
  const s = new URLSearchParams();
  for (const k of Object.keys(params || {})) {
    const v = params[k];
    if (v !== null && v !== undefined && v !== '') s.set(k, v);
  }
  const text = s.toString();
  return text ? `${path}?${text}` : path;
}

/** Address of the same view as a file. @param {string} path below /api/v1 @param {'csv'|'xlsx'} format */
export const exportUrl = (path, format) => `/api/v1/export?view=${encodeURIComponent('/api/v1' + path)}&format=${format}`;
