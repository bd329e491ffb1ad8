// The playground's script: an editor in the place of the text area, which stays the form's field. Without it the page works too.
import { complete } from './completion.ts';

/** Module text; the names it imports become addresses when it is served. */
export const EDITOR = `import { autocompletion, completionKeymap } from '@codemirror/autocomplete';
import { defaultKeymap, history, historyKeymap } from '@codemirror/commands';
import { yaml } from '@codemirror/lang-yaml';
import { bracketMatching, HighlightStyle, indentOnInput, syntaxHighlighting } from '@codemirror/language';
import { lintGutter, setDiagnostics } from '@codemirror/lint';
import { EditorState } from '@codemirror/state';
import { drawSelection, EditorView, highlightActiveLine, keymap, lineNumbers } from '@codemirror/view';
import { tags } from '@lezer/highlight';

${complete.toString()}

const area = document.querySelector('[data-editor]');
const form = area.form;
const file = form.elements.file.value;
let schema;

const theme = EditorView.theme({
  '&': { color: 'var(--text)', backgroundColor: 'var(--face)', fontSize: '.875rem' },
  '&.cm-focused': { outline: '3px solid var(--link)' },
  '.cm-scroller': { fontFamily: 'ui-monospace, monospace', lineHeight: '1.5', maxHeight: '36rem', minHeight: '14rem' },
  '.cm-gutters': { backgroundColor: 'var(--back)', color: 'var(--quiet)', borderColor: 'var(--line)' },
  '.cm-activeLine, .cm-activeLineGutter': { backgroundColor: 'color-mix(in srgb, var(--calmback) 55%, transparent)' },
  '.cm-cursor': { borderLeftColor: 'var(--text)' },
  '&.cm-focused > .cm-scroller > .cm-selectionLayer .cm-selectionBackground, .cm-selectionBackground': { backgroundColor: 'var(--calmback)' },
  '.cm-tooltip': { backgroundColor: 'var(--face)', color: 'var(--text)', borderColor: 'var(--line)' },
  '.cm-tooltip-autocomplete ul li[aria-selected]': { backgroundColor: 'var(--link)', color: 'var(--on)' },
});
const colours = HighlightStyle.define([
  { tag: tags.propertyName, color: 'var(--link)' },
  { tag: tags.definition(tags.propertyName), color: 'var(--link)' },
  { tag: [tags.string, tags.content], color: 'var(--good)' },
  { tag: tags.comment, color: 'var(--quiet)' },
  { tag: [tags.keyword, tags.typeName, tags.labelName], color: 'var(--wait)' },
]);
const byName = async (context) => {
  schema ??= fetch(form.dataset.href).then((reply) => (reply.ok ? reply.json() : {})).catch(() => ({}));
  const found = complete(await schema, context.state.doc.toString(), context.pos);
  if (found === null || (!context.explicit && found.from === context.pos)) return null;
  return { ...found, validFor: /^[\\w.$-]*$/ };
};

// In a tree of its own the editor brings its styles along without the page allowing styles inside it.
const host = document.createElement('div');
host.className = 'editor';
area.after(host);
const view = new EditorView({
  parent: host.attachShadow({ mode: 'open' }),
  root: host.shadowRoot,
  state: EditorState.create({
    doc: area.value,
    extensions: [
      lineNumbers(), lintGutter(), history(), drawSelection(), highlightActiveLine(), indentOnInput(), bracketMatching(),
      yaml(), syntaxHighlighting(colours), theme, EditorView.lineWrapping,
      autocompletion({ override: [byName] }),
      // The tab key goes on to the next field, as everywhere.
      keymap.of([...completionKeymap, ...defaultKeymap, ...historyKeymap]),
      EditorView.contentAttributes.of({ 'aria-label': 'Text of ' + file, tabindex: '0' }),
      EditorView.updateListener.of((update) => {
        if (!update.docChanged) return;
        area.value = update.state.doc.toString();
        area.dispatchEvent(new Event('input', { bubbles: true }));
      }),
    ],
  }),
});
area.hidden = true;
document.querySelector('label[for="' + area.id + '"]').addEventListener('click', () => view.focus());

// What was edited is in this page only, until it is downloaded; the result has a diff where it differs from the kept file.
let taken = '';
let isSent = false;
form.addEventListener('submit', ({ submitter }) => {
  isSent = true;
  if (submitter?.formAction.endsWith('/download')) taken = area.value;
});
area.addEventListener('input', () => (isSent = false));
addEventListener('beforeunload', (event) => {
  if (!isSent && area.value !== taken && document.getElementById('patch') !== null) event.preventDefault();
});

/** The mistakes of this file that the result lists, as marks beside their lines. */
function mark() {
  const { doc } = view.state;
  const found = [...document.querySelectorAll('#result [data-line]')].filter((one) => one.dataset.file === file);
  const marks = found.map((one) => {
    const line = doc.line(Math.min(Math.max(Number(one.dataset.line), 1), doc.lines));
    const from = Math.min(line.from + Number(one.dataset.column) - 1, line.to);
    return { from, to: line.to, severity: 'error', message: one.textContent.trim().replace(/\\s+/g, ' ') };
  });
  view.dispatch(setDiagnostics(view.state, marks));
}
mark();
new MutationObserver(mark).observe(document.getElementById('result'), { childList: true, subtree: true });
// A place in the list of mistakes leads into the draft instead of the file as it is kept.
document.getElementById('result').addEventListener('click', (event) => {
  const item = event.target.closest('[data-line]');
  if (item === null || item.dataset.file !== file || event.target.closest('a') === null) return;
  event.preventDefault();
  const line = view.state.doc.line(Math.min(Number(item.dataset.line), view.state.doc.lines));
  view.dispatch({ selection: { anchor: Math.min(line.from + Number(item.dataset.column) - 1, line.to) }, scrollIntoView: true });
  view.focus();
});
`;
