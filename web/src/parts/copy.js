/* Copy to the clipboard; on plain http there is no clipboard interface, so the old way, and a toast that shows the text. */
import { t } from '../lib/i18n.js';

export function toast(text) {
  let el = document.querySelector('.toast');
  if (!el) {
    el = document.createElement('div');
    el.className = 'toast';
    el.setAttribute('role', 'status');
    document.body.append(el);
  }
  el.textContent = text;
  clearTimeout(toast.timer);
  toast.timer = setTimeout(() => el.remove(), 6000);
}

function oldWay(text) {
  const a = document.createElement('textarea');
  a.value = text;
  a.className = 'sr';
  document.body.append(a);
  a.select();
  const ok = document.execCommand('copy');
  a.remove();
  return ok;
}

export async function copyText(text) {
  let ok = false;
  try {
    if (navigator.clipboard) {
      await navigator.clipboard.writeText(text);
      ok = true;
    } else ok = oldWay(text);
  } catch {
    ok = oldWay(text);
  }
  toast(`${ok ? t('copy.done') : t('copy.failed')} ${text}`);
}
