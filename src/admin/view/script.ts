// The script of every page: shows times in the zone of whoever looks, copies links, keeps live parts new. Pages work without it.
export const SCRIPT = `'use strict';
const zone = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'medium' });
function showTimes(root) {
  for (const one of root.querySelectorAll('time[datetime]:not([title])')) {
    one.title = one.textContent;
    one.textContent = zone.format(new Date(one.dateTime));
  }
  for (const one of root.querySelectorAll('option[data-at]')) {
    one.text = zone.format(new Date(one.dataset.at)) + one.text.slice(one.text.indexOf(' UTC') + 4);
    delete one.dataset.at;
  }
}
const two = (number) => String(Math.trunc(Math.abs(number))).padStart(2, '0');
for (const input of document.querySelectorAll('input[data-instant]')) {
  const at = Date.parse(input.value);
  if (Number.isNaN(at)) continue;
  // The same instant, told in the zone of whoever looks.
  const minutes = -new Date(at).getTimezoneOffset();
  const local = new Date(at + minutes * 60000).toISOString().slice(0, -1);
  input.value = local + (minutes < 0 ? '-' : '+') + two(minutes / 60) + ':' + two(minutes % 60);
}
showTimes(document);
document.getElementById('times-of')?.replaceChildren(zone.resolvedOptions().timeZone);
new MutationObserver(() => showTimes(document)).observe(document.body, { childList: true, subtree: true });
// The answer to a form takes the address of the form's page: who comes back to it or loads it again sends nothing again.
const { of } = document.getElementById('main').dataset;
if (of !== undefined) history.replaceState(null, '', of);
for (const here of document.querySelectorAll('nav > [aria-current]')) {
  const { left, right } = here.parentElement.getBoundingClientRect();
  const { left: from, right: to } = here.getBoundingClientRect();
  if (to > right) here.parentElement.scrollLeft += Math.min(to - right + 40, from - left);
}
document.addEventListener('click', async (event) => {
  const button = event.target instanceof Element ? event.target.closest('[data-copy]') : null;
  if (button === null) return;
  try {
    await navigator.clipboard.writeText(button.dataset.copy === '' ? location.href : button.dataset.copy);
    button.textContent = 'Copied';
  } catch {
    button.textContent = 'Copy it from the address bar';
  }
});
// A form on its way is not sent twice. One that was stopped can be sent again after a while; one for a file stays.
const leads = ({ formAction }) => !/(\\/download|\\.csv)$/.test(formAction);
document.addEventListener('submit', (event) => {
  const { target: form, submitter } = event;
  // A field may be called action, and hides the form's own then.
  if (form.getAttribute('action')?.endsWith('/logout')) sessionStorage.clear();
  // Before Safari 15.4 nobody says which button it was.
  if (event.defaultPrevented || form.method !== 'post' || !submitter || !leads(submitter)) return;
  if (form.dataset.sent !== undefined) return event.preventDefault();
  const label = submitter.textContent;
  form.dataset.sent = '';
  submitter.textContent = 'One moment…';
  const again = () => {
    delete form.dataset.sent;
    submitter.textContent = label;
  };
  addEventListener('pageshow', again, { once: true });
  setTimeout(again, 10000);
});
document.addEventListener('focusin', (event) => {
  if (event.target instanceof HTMLInputElement && event.target.readOnly) event.target.select();
});
for (const input of document.querySelectorAll('input[data-zone]')) {
  const zone = input.form.elements[input.dataset.zone];
  const tell = () => { zone.value = (input.value === '' ? new Date() : new Date(input.value)).getTimezoneOffset(); };
  input.addEventListener('input', tell);
  // What was told in another zone, told in this one.
  if (input.value !== '' && zone.value !== '') {
    const at = Date.parse(input.value + 'Z') + Number(zone.value) * 60000;
    input.value = new Date(at - new Date(at).getTimezoneOffset() * 60000).toISOString().slice(0, 16);
  }
  tell();
}
// What stands there already is not put in again: who listens would hear it after each pause of typing.
const standing = new WeakMap();
document.addEventListener('htmx:before:swap', (event) => {
  const { target, text } = event.detail.ctx;
  if (standing.get(target) === text) event.preventDefault();
  standing.set(target, text);
});
for (const part of document.querySelectorAll('[data-stream]')) {
  let stream;
  let held;
  const show = (markup) => {
    // Nothing vanishes from under the hands of who goes through it by keyboard.
    if (part.contains(document.activeElement) && document.activeElement.matches(':focus-visible')) {
      held = markup;
      return;
    }
    held = undefined;
    const opened = [...part.querySelectorAll('details[open][id]')].map(({ id }) => id);
    part.innerHTML = markup;
    for (const id of opened) document.getElementById(id)?.setAttribute('open', '');
    asOfNow();
  };
  const asOfNow = () => {
    const time = document.createElement('time');
    time.dateTime = new Date().toISOString();
    time.textContent = time.dateTime;
    if (held === undefined) document.getElementById('as-of')?.replaceChildren(time);
  };
  part.addEventListener('focusout', () => setTimeout(() => { if (held !== undefined) show(held); }));
  const ask = async () => {
    if (document.hidden || stream?.readyState === EventSource.OPEN) return;
    const reply = await fetch(part.dataset.part, { headers: { 'hx-request': 'true' } }).catch(() => undefined);
    if (reply?.redirected) location.reload();
    else if (reply?.ok) show(await reply.text());
  };
  // Tabs that nobody sees hold no connection: browsers have six of them for a site.
  const follow = () => {
    stream?.close();
    if (document.hidden) return;
    stream = new EventSource(part.dataset.stream);
    stream.addEventListener('part', ({ data }) => show(data));
    stream.addEventListener('same', asOfNow);
  };
  document.addEventListener('visibilitychange', follow);
  addEventListener('pagehide', () => stream?.close());
  setInterval(ask, 15000);
  follow();
}
`;
