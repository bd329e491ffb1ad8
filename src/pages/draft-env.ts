// The environment as drafts of mapping files see it: whoever writes a draft must not read a secret by naming it in another place.
import { destinations } from '../destinations/index.ts';
import { isTable, tableOf } from '../lib/table.ts';
import { CLOSE, OPEN, parseMapping, type SourceText, type Texts } from '../map/files/files.ts';
import { HOST } from '../map/files/settings.ts';

/** Stands for what is set and not shown. */
export const HIDDEN = '***';
/** A setting that must be a domain would take no stars. */
const HIDDEN_DOMAIN = 'hidden.example';
const NAMED = /\$\{([A-Za-z_][A-Za-z0-9_]*)\}/g;
const PLACED = new RegExp(`\\$${OPEN}([A-Za-z0-9_]+)${CLOSE}`, 'g');

export const SECRET_SETTINGS: ReadonlySet<string> = new Set(destinations.flatMap(({ secrets }) => secrets));

const namesIn = (value: unknown): string[] =>
  [...(JSON.stringify(value) ?? '').matchAll(PLACED)].flatMap(([, name]) => name ?? []);

/** Names that a store file in use puts into plain settings of destinations, which requests show anyway, and all others. */
function namesOf(file: SourceText): { plain: string[]; secret: string[] } {
  const { value } = parseMapping(file).parsed ?? {};
  if (!isTable(value)) return { plain: [], secret: [] };
  const { destinations: routes, ...others } = value;
  const settings = Object.values(tableOf(routes)).flatMap((route) => Object.entries(tableOf(route)));
  const [secret, plain] = [true, false].map((wanted) =>
    settings.filter(([name]) => SECRET_SETTINGS.has(name) === wanted),
  );
  return { plain: namesIn(plain), secret: [...namesIn(others), ...namesIn(secret)] };
}

/** What `texts` may name. `used` are the store files in use. */
export function draftEnv(
  texts: Texts,
  used: readonly SourceText[],
  env: Readonly<Record<string, string | undefined>>,
): Record<string, string> {
  const found = used.map(namesOf);
  const secret = new Set(found.flatMap((one) => one.secret));
  const shown = new Set(found.flatMap(({ plain }) => plain).filter((name) => !secret.has(name)));
  const named = texts.stores.flatMap(({ text }) => [...text.matchAll(NAMED)].flatMap(([, name]) => name ?? []));
  return Object.fromEntries(
    [...new Set(named)].flatMap((name) => {
      const value = env[name];
      if (value === undefined || value === '') return [];
      return [[name, shown.has(name) ? value : HOST.test(value) ? HIDDEN_DOMAIN : HIDDEN]];
    }),
  );
}
