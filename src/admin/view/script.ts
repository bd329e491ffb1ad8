// The one script of our own: shows times in the zone of whoever looks, and copies links. Pages work without it.
export const SCRIPT = `'use strict';
const zone = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'medium' });
function showTimes(root) {
  for (const one of root.querySelectorAll('time[datetime]:not([title])')) {
    one.title = one.textContent;
    one.textContent = zone.format(new Date(one.dateTime));
  }
}
showTimes(document);
new MutationObserver(() => showTimes(document)).observe(document.body, { childList: true, subtree: true });
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
document.addEventListener('focusin', (event) => {
  if (event.target instanceof HTMLInputElement && event.target.readOnly) event.target.select();
});
`;
