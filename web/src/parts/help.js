/* Keyboard help; shortcuts can be switched off here. The shell opens it after drawing. */
import { html } from '../lib/lit.js';
import { t } from '../lib/i18n.js';
import { keysOn, setKeys } from '../lib/keys.js';

const KEYS = [['/', 'key.search'], ['?', 'key.help'], ['v', 'key.view'], ['< >', 'key.period'], ['g c', 'nav.cockpit'], ['g e', 'nav.enterprises'], ['g m', 'nav.figure'],
  ['g p', 'nav.points'], ['g a', 'nav.alarms']];

export function helpDialog(close) {
  return html`<dialog aria-labelledby="help-h" @close=${close}>
    <h2 id="help-h">${t('help.title')}</h2>
    <table><tbody>${KEYS.map(([k, w]) => html`<tr><th scope="row">${k.split(' ').map((x) => html`<kbd>${x}</kbd> `)}</th><td>${t(w)}</td></tr>`)}</tbody></table>
    <p><label><input type="checkbox" ?checked=${keysOn()} @change=${(e) => setKeys(e.target.checked)}> ${t('help.on')}</label></p>
    <form method="dialog"><button class="primary">${t('do.close')}</button></form></dialog>`;
}
