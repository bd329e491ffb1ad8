// What is an expression to JSONata and never what somebody meant, and what people write who know other languages.
import type { Node } from './ast.ts';
import { ExpressionError } from './error.ts';

/** By what stands in a text that is no expression. */
const FOREIGN: readonly (readonly [RegExp, string])[] = [
  [/\{\{/, 'write the name of the field alone, without braces'],
  [/\|\|/, 'several expressions are a list, of which the first that gives a value counts; conditions are joined by or'],
  [/&&/, 'conditions are joined by and, texts by &'],
  [/==/, 'write one = to compare'],
  [/(?<!\d)\.\d+(?:\.|$)/, 'one of a list is lines[0].sku'],
  [/\?\./, 'write a dot alone; what is missing stops nothing'],
  [/^[“”„‘’].*[“”„‘’]$/, 'take the curly quotes away, or write straight ones'],
  [
    /^[\p{L}_][\p{L}\p{N}_.'’-]*(?: [\p{L}\p{N}_.'’-]+)+$/u,
    'a field with a space in its name stands in backticks, "`Lead Status`"; words that are meant themselves in quotes, "\'Web form\'"',
  ],
];

/** What to write instead of a text that is no expression, where its signs tell. */
export const foreignHint = (text: string): string | undefined => FOREIGN.find(([sign]) => sign.test(text))?.[1];

/** A name with hyphens as JSONata wants it; undefined for any other text. To JSONata `e-mail` is e less mail. */
export function unhyphened(text: string): string | undefined {
  if (!/^[A-Za-z_][\w.]*(?:-[A-Za-z_][\w.]*)+$/.test(text)) return undefined;
  const parts = text.split('.').map((part) => (part.includes('-') ? `\`${part}\`` : part));
  return `put the name in backticks: "${parts.join('.')}"`;
}

/** Functions of other languages. */
export const FOREIGN_FUNCTIONS: Readonly<Record<string, string>> = {
  if: 'write condition ? then : else',
  IF: 'write condition ? then : else',
  concat: 'texts are joined by &',
};

const lastName = (node: Node | undefined): string | undefined => {
  const last = node?.steps?.at(-1);
  return last?.type === 'name' ? String(last.value) : undefined;
};

/** `$headers.user-agent` is one header less another, and both are texts. */
function checkHeaders({ type, value, lhs, position }: Node): void {
  if (type !== 'binary' || value !== '-' || lhs === undefined || Array.isArray(lhs)) return;
  const [root] = lhs.steps ?? [];
  const name = lastName(lhs);
  if (root?.type !== 'variable' || root.value !== 'headers' || name === undefined) return;
  const message = `- takes one value from another, and $headers.${name} is a text`;
  throw new ExpressionError('HYPHEN', message, position, `put the whole name in quotes: $headers."${name}-…"`);
}

/** `data["email"]` asks each of data whether a text is true, which it is. */
function checkTextFilters({ stages = [], predicate = [] }: Node): void {
  for (const { type, expr } of [...stages, ...predicate]) {
    if (type !== 'filter' || expr?.type !== 'string') continue;
    const name = String(expr.value);
    const hint = `write a dot: .${/^[A-Za-z_]\w*$/.test(name) ? name : `\`${name}\``}`;
    throw new ExpressionError('FILTER', `["${name}"] does not name a field`, expr.position, hint);
  }
}

/** Texts copied from documents and chats have curly quotes, which are letters here. */
function checkQuotes({ type, value, position }: Node): void {
  if (type !== 'name' || !/^[“”„‘’]/.test(String(value))) return;
  throw new ExpressionError('QUOTES', `${String(value)} has curly quotes`, position, 'write straight quotes, or none');
}

/** Throws where this node is most certainly not meant as it stands. */
export function checkMistaken(node: Node): void {
  checkHeaders(node);
  checkTextFilters(node);
  checkQuotes(node);
}
