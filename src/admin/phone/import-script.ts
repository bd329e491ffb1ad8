// The script of the import page: the file stays in the browser and is sent along, so that any process can go on with it.
export const IMPORT_SCRIPT = `'use strict';
const form = document.getElementById('import');
const found = document.getElementById('found');
const upload = document.getElementById('upload');
const MOST = 5000000;
let asked = 0;
form.elements.zone.value = Intl.DateTimeFormat().resolvedOptions().timeZone;
const say = (text) => {
  const line = document.createElement('p');
  line.className = 'notice bad';
  line.setAttribute('role', 'alert');
  line.textContent = text;
  found.replaceChildren(line);
};
const given = () => new URLSearchParams(new FormData(form));
const send = (path, body) => fetch(path, { method: 'POST', body, headers: { 'hx-request': 'true' } });
async function check() {
  if (form.elements.file.value === '') return;
  const turn = ++asked;
  const focused = document.activeElement?.id;
  const open = document.getElementById('consent')?.open;
  found.setAttribute('aria-busy', 'true');
  try {
    const reply = await send(form.getAttribute('action'), given());
    const text = await reply.text();
    if (turn !== asked) return;
    found.innerHTML = text;
    if (open) document.getElementById('consent')?.setAttribute('open', '');
    if (focused) document.getElementById(focused)?.focus();
  } catch {
    if (turn === asked) say('The server did not answer. Choose the file again.');
  } finally {
    found.removeAttribute('aria-busy');
  }
}
const base64 = (file) =>
  new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.onload = () => resolve(reader.result.slice(reader.result.indexOf(',') + 1));
    reader.onerror = () => reject(reader.error);
    reader.readAsDataURL(file);
  });
async function read() {
  const [file] = upload.files;
  form.elements.file.value = '';
  found.replaceChildren();
  if (file === undefined) return;
  if (file.size === 0) return say('This file is empty.');
  if (file.size > MOST) return say('This file is larger than 5 MB. Import it in parts, or with the command tagbridge import.');
  form.elements.file.value = await base64(file);
  await check();
}
upload.addEventListener('change', read);
// What was chosen before this script had come changes no more.
read();
form.addEventListener('submit', (event) => event.preventDefault());
for (const part of [form, found])
  part.addEventListener('change', (event) => {
    if (event.target !== upload) check();
  });
found.addEventListener('click', async ({ target }) => {
  if (!target.matches('[data-import]')) return;
  const bar = found.querySelector('progress');
  const said = document.getElementById('progress');
  const sum = { lines: 0, kept: 0, before: 0, refused: 0, ...JSON.parse(target.dataset.sum ?? '{}') };
  const body = given();
  const locked = document.querySelectorAll('#import :enabled, #found select:enabled');
  for (const one of [target, ...locked]) one.disabled = true;
  bar.hidden = false;
  const tell = () => {
    bar.value = sum.lines;
    const again = sum.before > 0 ? ', ' + sum.before + ' had been imported before' : '';
    said.textContent = sum.kept + ' imported' + again + ', ' + sum.refused + ' left out';
  };
  try {
    for (let ended = false; !ended; ) {
      body.set('from', sum.lines);
      const reply = await send(form.dataset.step, body);
      if (!reply.ok) throw new Error();
      const done = await reply.json();
      if (done.problem !== undefined) throw new Error();
      for (const name in sum) sum[name] += done[name];
      ended = done.ended;
      tell();
    }
    said.textContent = 'Done: ' + said.textContent + '.';
    target.hidden = true;
  } catch {
    said.textContent = 'Interrupted after line ' + sum.lines + ' of ' + target.dataset.lines + '. Nothing is lost: go on when the connection is back.';
    target.dataset.sum = JSON.stringify(sum);
    target.textContent = 'Go on';
    target.disabled = false;
  } finally {
    for (const one of locked) one.disabled = false;
  }
});
`;
