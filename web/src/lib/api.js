/* The one way to the server. Errors carry the server's own words in the reader's language. */
import { language } from './i18n.js';
import { begin } from './ready.js';

export class ApiError extends Error {
  /** @param {number} status @param {string} code @param {string} message @param {object} [where] what it is about, for machines */
  constructor(status, code, message, where) {
    super(message);
    this.status = status;
    this.code = code;
    this.where = where || {};
  }
}

/* A character that turns the direction of its line would show the figures beside a name turned round: it is shown as what cannot be shown. */
const TURNS = /[\u202a-\u202e\u2066-\u2069]/g;
/** The JSON of an answer, null if it is empty. @param {Response} r */
export async function parsed(r) {
  const text = await r.text();
  return text ? JSON.parse(text.replace(TURNS, '\ufffd')) : null;
}

async function fail(r) {
  let e = {};
  try {
    e = (await parsed(r)).error || {};
  } catch {
    // not JSON: the status alone must do
  }
  const words = language() === 'en' ? e.message || e.message_zh : e.message_zh || e.message;
  return new ApiError(r.status, e.code || String(r.status), words || `HTTP ${r.status}`, e.where);
}

/** @param {string} path below /api/v1 @param {{signal?: AbortSignal}} [o] */
export async function get(path, o = {}) {
  const end = begin();
  try {
    const r = await fetch('/api/v1' + path, { headers: { Accept: 'application/json' }, signal: o.signal });
    if (!r.ok) throw await fail(r);
    return await parsed(r);
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
  return parsed(r);
}

/** An answer with its version: {data, etag}. @param {string} path below /api/v1 */
export async function tagged(path) {
  const end = begin();
  try {
    const r = await fetch('/api/v1' + path, { headers: { Accept: 'application/json' } });
    if (!r.ok) throw await fail(r);
    return { data: await parsed(r), etag: r.headers.get('ETag') };
  } finally {
    end();
  }
}

/** Change something. @param {'POST'|'PUT'|'DELETE'} method @param {string} path below /api/v1
 * @param {object|Blob|string} body an object is sent as JSON @param {{csrf?: string, etag?: ?string, type?: string, raw?: boolean}} [o] raw: the response itself
 * @returns {Promise<{data: any, etag: ?string}>} */
export async function send(method, path, body, o = {}) {
  const plain = body instanceof Blob || typeof body === 'string';
  const headers = { Accept: 'application/json', 'Content-Type': o.type || (plain ? 'application/octet-stream' : 'application/json') };
  if (o.csrf) headers['X-QF-CSRF'] = o.csrf;
  if (o.etag) headers['If-Match'] = o.etag;
  const end = begin();
  try {
    const r = await fetch('/api/v1' + path, { method, headers, body: plain ? body : JSON.stringify(body || {}) });
    if (!r.ok) throw await fail(r);
    if (o.raw) return { data: await r.blob(), etag: null };
    return { data: await parsed(r), etag: r.headers.get('ETag') };
  } finally {
    end();
  }
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
