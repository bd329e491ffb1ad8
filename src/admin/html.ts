// HTML as a value: the `html` tag escapes whatever is put into it, so that text of senders and receivers stays text.

/** Markup that is safe to show. Only `html` makes it. */
export type Html = { readonly markup: string };
const made = new WeakSet<object>();

/** What may be put into a template; nothing is shown for undefined and false. */
export type Content = Html | string | number | undefined | false | readonly Content[];

const ESCAPES: Record<string, string> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
  '`': '&#96;',
};

/** Text for elements and quoted attributes. */
export const escapeHtml = (text: string): string => text.replace(/[&<>"'`]/g, (char) => ESCAPES[char] ?? char);

function show(content: Content): string {
  if (content === undefined || content === false) return '';
  if (typeof content === 'string' || typeof content === 'number') return escapeHtml(String(content));
  if ('markup' in content) return made.has(content) ? content.markup : escapeHtml(content.markup);
  return content.map(show).join('');
}

/** Markup with escaped contents. Attributes must be quoted in the template. */
export function html(parts: TemplateStringsArray, ...contents: readonly Content[]): Html {
  const whole = { markup: parts.map((part, index) => part + show(contents[index])).join('') };
  made.add(whole);
  return whole;
}
