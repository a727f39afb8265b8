/* Who I am and what I may do: GET /me, asked at the start and after each change of seat. Pages take the CSRF word from here. */
import { get } from './api.js';

const NOBODY = { user: null, csrf: '', may: [], pages: [], whole: {}, sample: false };
let state = NOBODY;

export const me = () => state;
export const csrf = () => state.csrf;
export const may = (action) => state.may.includes(action);
/** May one see the units behind a district's total? */
export const whole = (area, district) => (state.whole[area] || []).some((x) => x === '*' || x === district);
/** May this page be shown in the navigation? */
export const sees = (page) => state.pages.includes(page);

export async function loadMe() {
  try {
    state = { ...NOBODY, ...(await get('/me')) };
  } catch {
    state = NOBODY; // the page's own questions will say what is wrong
  }
  return state;
}
