// The script of the phone form: what somebody typed stays in their tab until an answer came or they left it, whatever came between.
export const DRAFT_SCRIPT = `'use strict';
const form = document.getElementById('entry');
const name = 'draft ' + form.dataset.draft;
const asked = new URLSearchParams(location.search);
const saved = asked.get('saved');
const fields = [...form.elements].filter((one) => !['', 'csrf', 'sure', 'instead'].includes(one.name));
const valuesOf = () => Object.fromEntries(fields.map((one) => [one.name, one.value]));
const isTyped = () => fields.some((one) => one.matches('input:not([type=hidden]), textarea') && one.value !== '');
let sent = false;
let isLeft = false;
const keep = () => sessionStorage.setItem(name, JSON.stringify({ saved, sent, typed: valuesOf() }));
const send = () => {
  sent = true;
  keep();
};
const restore = (typed) => {
  for (const one of fields) {
    one.value = typed[one.name] ?? '';
    if (one.value !== '') one.closest('details')?.setAttribute('open', '');
  }
  const said = document.createElement('p');
  said.className = 'notice wait';
  said.tabIndex = -1;
  said.setAttribute('role', 'alert');
  said.textContent = 'Here is what you typed. ' +
    (kept.sent ? 'Unless it stands below as saved, press Save once more; it counts once.' : 'It is not saved yet.');
  form.prepend(said);
  said.focus();
  document.addEventListener('DOMContentLoaded', () => form.dispatchEvent(new Event('input')));
};
// What others of the team left in this tab, whose session ended, is not for who uses it now.
const [whose] = form.dataset.draft.split(' ');
for (const one of Object.keys(sessionStorage))
  if (one.startsWith('draft ') && !one.startsWith('draft ' + whose)) sessionStorage.removeItem(one);
const kept = JSON.parse(sessionStorage.getItem(name) ?? 'null');
// A page that says what was saved, or what is wrong, is the answer.
const isOpen = kept !== null && form.dataset.answer === undefined && (saved === null || saved === kept.saved);
// What was not sent and left by a link is not meant; phones end a page in the background and load it again, and sessions end.
const [{ type }] = performance.getEntriesByType('navigation');
const isFromHere = document.referrer.startsWith(location.origin) && !/\\/login\\b/.test(document.referrer);
const isBack = type !== 'navigate' || document.wasDiscarded || !isFromHere;
const isHere = kept?.typed.store === form.elements.store.value;
const isMeant = isOpen && (kept.sent || kept.meant || isBack);
if (isMeant && !isHere && !asked.has('store')) {
  isLeft = true;
  sessionStorage.setItem(name, JSON.stringify({ ...kept, meant: true }));
  location.replace('?' + new URLSearchParams({ store: kept.typed.store }));
} else {
  sessionStorage.removeItem(name);
  if (isMeant && isHere) restore(kept.typed);
}
form.addEventListener('submit', send);
// Logging out, or taking another back.
document.addEventListener('submit', ({ target }) => { isLeft = target !== form; });
// Safari comes back to a page without https as it was left, with its fields emptied: it is loaded anew, as elsewhere.
let isAway = false;
addEventListener('pagehide', () => { isAway = true; });
addEventListener('pageshow', ({ persisted }) => {
  if (!persisted) return;
  isLeft = true;
  location.reload();
});
document.addEventListener('visibilitychange', () => {
  if (isLeft || (isAway && !document.hidden)) return;
  if (sent || (document.hidden && isTyped())) keep();
  else sessionStorage.removeItem(name);
});
// The look says there that the session has ended, with a link to the login.
document.getElementById('outlook').addEventListener('click', send);
`;
