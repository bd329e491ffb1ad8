// The script of the phone form: what somebody tried to save stays in their tab until an answer came, whatever came between.
export const DRAFT_SCRIPT = `'use strict';
const form = document.getElementById('entry');
const name = 'draft ' + form.dataset.draft;
const asked = new URLSearchParams(location.search);
const saved = asked.get('saved');
const fields = [...form.elements].filter((one) => !['', 'csrf', 'sure', 'instead'].includes(one.name));
const keep = () => {
  const typed = Object.fromEntries(fields.map((one) => [one.name, one.value]));
  sessionStorage.setItem(name, JSON.stringify({ saved, typed }));
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
  said.textContent = 'Here is what you typed. Unless it stands below as saved, press Save once more; it counts once.';
  form.prepend(said);
  said.focus();
  document.addEventListener('DOMContentLoaded', () => form.dispatchEvent(new Event('input')));
};
const kept = JSON.parse(sessionStorage.getItem(name) ?? 'null');
// A page that says what was saved, or what is wrong, is the answer.
const isOpen = kept !== null && form.dataset.answer === undefined && (saved === null || saved === kept.saved);
const isHere = kept?.typed.store === form.elements.store.value;
if (isOpen && !isHere && !asked.has('store')) location.replace('?' + new URLSearchParams({ store: kept.typed.store }));
else {
  sessionStorage.removeItem(name);
  if (isOpen && isHere) restore(kept.typed);
}
form.addEventListener('submit', keep);
// The look says there that the session has ended, with a link to the login.
document.getElementById('outlook').addEventListener('click', keep);
`;
