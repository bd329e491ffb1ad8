// Secrets that were written into mapping files, in place of names of the environment: told, and not shown to people.
import { isPair, isScalar, parseDocument, type Range, visit } from 'yaml';
import { type Env, textsIn } from './env.ts';
import { CLOSE, hide, type MappingFile, OPEN, type Path, type Problem, whereIn } from './files.ts';

/** Of a source, whose platform may be anybody's own file; what destinations keep secret they say themselves. */
const OF_SOURCES = /(?:secret|token|key|password)s?$/;
/** Of who is told: whoever knows the address of a chat can write there. */
const OF_CONTACTS = new Set(['url', 'secrets']);
const PLACEHOLDER = new RegExp(`^\\$${OPEN}[A-Za-z0-9_]+${CLOSE}$`);

function isSecret([part, , setting]: Path, ofDestinations: ReadonlySet<string>): boolean {
  if (part === 'sources') return OF_SOURCES.test(String(setting));
  if (part === 'alerts') return OF_CONTACTS.has(String(setting));
  return part === 'destinations' && ofDestinations.has(String(setting));
}

/**
 * The text with `"***"` for each secret that stands in it, and the lines of those. `ofDestinations` are the names of their
 * secret settings. Broken files are read as far as they can be.
 */
export function withoutSecrets(text: string, ofDestinations: ReadonlySet<string>): { text: string; lines: number[] } {
  const ranges: Range[] = [];
  visit(parseDocument(hide(text), { uniqueKeys: false }), {
    Scalar: (key, node, ancestors) => {
      const keys = ancestors.flatMap((one) => (isPair(one) && isScalar(one.key) ? [String(one.key.value)] : []));
      if (key === 'key' || typeof node.value === 'boolean' || !isSecret(keys, ofDestinations) || !node.range) return;
      if (!PLACEHOLDER.test(String(node.value))) ranges.push(node.range);
    },
  });
  let shown = text;
  for (const [from, until] of ranges.toReversed()) {
    const end = text[until - 1] === '\n' ? '\n' : '';
    shown = `${shown.slice(0, from)}"***"${end}${shown.slice(until)}`;
  }
  return { text: shown, lines: ranges.map(([from]) => text.slice(0, from).split('\n').length) };
}

/** A name that can stand in `.env` and in `${…}`: it begins with no digit. */
const nameOf = (...parts: readonly string[]): string =>
  parts
    .map((part) => part.toUpperCase().replaceAll(/[^A-Z0-9]+/g, '_'))
    .join('_')
    .replace(/^(?=\d)/, '_');

/** A name that means no other secret, in the environment or where one was offered before. */
function freeName(wanted: string, text: string, { env, offered }: Pick<WrittenParts, 'env' | 'offered'>): string {
  for (let n = 1; ; n++) {
    const name = n === 1 ? wanted : `${wanted}_${n}`;
    if ((env[name] ?? offered.get(name) ?? text) !== text) continue;
    offered.set(name, text);
    return name;
  }
}

export type WrittenParts = {
  store: string;
  ofDestinations: ReadonlySet<string>;
  told: readonly Problem[];
  env: Env;
  /** The names that were offered, with their secrets. */
  offered: Map<string, string>;
};
/** Whoever has the file, or a copy of it, has them too. What stands in `told` is something else, such as a name. */
export function warnOfWritten(file: MappingFile, parts: WrittenParts): Problem[] {
  const { store, ofDestinations, told } = parts;
  const placeOf = whereIn(file);
  return textsIn(file.value).flatMap(({ text, path }): Problem[] => {
    if (text === '' || text.includes(OPEN) || !isSecret(path, ofDestinations)) return [];
    const [part, of = '', setting = '', place] = path;
    // What arrives at an address of one's own is signed; of a header nobody knows whether it is secret.
    if (setting === 'headers' || (part === 'alerts' && of === 'webhook' && setting === 'url')) return [];
    const at = placeOf(path);
    if (told.some(({ line, column }) => line === at.line && column === at.column)) return [];
    const which = typeof place === 'number' && place > 0 ? [String(place + 1)] : [];
    const wanted = nameOf(store, String(of), String(setting).replace(/^secrets$/, 'secret'), ...which);
    const name = freeName(wanted, text, parts);
    const message = 'a secret stands in this file, and in every copy of it';
    const hint = `put it into .env as ${name}=…, and write "\${${name}}" here`;
    return [{ ...at, code: 'WRITTEN_SECRET', message, hint }];
  });
}
