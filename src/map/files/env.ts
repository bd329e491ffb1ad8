// Puts environment values in the place of `${NAME}`, only in fields that may hold a secret.
import { isTable } from '../../lib/table.ts';
import { CLOSE, type MappingFile, OPEN, type Path, type Problem, shown, whereIn } from './files.ts';
import { isSetting } from './source.ts';

export type Env = Record<string, string | undefined>;
/** Names whose values `.env` cuts off at a #, with their lines in it. */
export type Cut = ReadonlyMap<string, number>;

/** Keys whose values, or lists or tables of values, may name environment variables, beside settings of sources. */
const ALLOWED = new Set([
  'secrets',
  'api_secret',
  'access_token',
  'app_secret',
  'token',
  'client_secret',
  'refresh_token',
  'service_account',
  'headers',
  'url',
  'client_id',
  'measurement_id',
  'pixel_id',
  'customer_id',
  'login_customer_id',
]);
/** Secrets of the program itself are no business of a mapping file. */
const FORBIDDEN = new Set([
  'ENCRYPTION_KEY',
  'DATABASE_URL',
  'SMTP_URL',
  'METRICS_TOKEN',
  'OIDC_CLIENT_SECRET',
  'ALERT_WEBHOOK_SECRET',
]);
const PLACEHOLDER = new RegExp(`\\$${OPEN}([A-Za-z0-9_]+)${CLOSE}`, 'g');
/** A name and nothing else, with the signs that people put around one. */
const NAME_ALONE = new RegExp(`^[“”„‘’]?[$%]?[({${OPEN}]?([A-Za-z_][A-Za-z0-9_]*)[)}${CLOSE}]?%?[“”‘’]?$`);
/** What can only be meant as a name, whether or not it is set: `$NAME`, `${ NAME }`, `${NAME:-x}`, `{{NAME}}`. */
const MEANT = /^[$%]([A-Z][A-Z0-9]*_[A-Z0-9_]*)%?$|\$\{\s*([A-Za-z_][\w-]*)|\{\{\s*([A-Za-z_][\w-]*)\s*\}\}/;
const isFilled = (text: string) => text.startsWith(`$${OPEN}`) && text.endsWith(CLOSE);

/** A setting that the platform does not know is told as that. */
const mayName = (path: Path): boolean =>
  path.some((part) => typeof part === 'string' && ALLOWED.has(part)) ||
  (path[0] === 'sources' && path.length === 3 && isSetting(String(path[2])));

/** The name that a text means and does not say as one; undefined for any other text. Addresses of look-ups have braces. */
function nameIn(text: string, path: Path, env: Env): string | undefined {
  const alone = NAME_ALONE.exec(text)?.[1];
  if (alone !== undefined && (env[alone] ?? '') !== '') return alone;
  if (path.includes('lookups') || path.includes('reconcile')) return undefined;
  const [, plain, braced, doubled] = MEANT.exec(text) ?? [];
  return (plain ?? braced ?? doubled)?.replaceAll('-', '_');
}

/** All texts of a file that are not keys, with where they stand. */
export function textsIn(value: unknown, path: Path = []): { text: string; path: Path }[] {
  if (typeof value === 'string') return [{ text: value, path }];
  if (Array.isArray(value)) return value.flatMap((item, index) => textsIn(item, [...path, index]));
  return isTable(value) ? Object.entries(value).flatMap(([key, inner]) => textsIn(inner, [...path, key])) : [];
}

/** Texts that are the name of a variable, but not written so that it is replaced: they would be the secret themselves. */
export function warnOfNames(file: MappingFile, env: Env): Problem[] {
  return textsIn(file.value).flatMap(({ text, path }): Problem[] => {
    const name = mayName(path) && !isFilled(text) ? nameIn(text, path, env) : undefined;
    if (name === undefined) return [];
    const message = 'these letters themselves would be used';
    const hint = `write "\${${name}}" with straight quotes to mean what ${name} holds`;
    return [{ ...whereIn(file)(path), code: 'NO_NAME', message, hint }];
  });
}

const cutHint = (line: number) =>
  `put the whole value in quotes in line ${line} of .env; docker run --env-file wants it without`;

/** Secrets with a # in them: without quotes `.env` takes the rest for a comment. */
export function warnOfCut(file: MappingFile, cut: Cut): Problem[] {
  return textsIn(file.value).flatMap(({ text, path }) =>
    [...text.matchAll(PLACEHOLDER)].flatMap(([, name = '']): Problem[] => {
      const line = cut.get(name);
      if (line === undefined) return [];
      const message = `what ${name} holds ends at its #, as if a comment began there`;
      return [{ ...whereIn(file)(path), code: 'CUT', message, hint: cutHint(line) }];
    }),
  );
}

/** A copy of the file's value with placeholders filled, and every mistake made. */
export function fillEnv(file: MappingFile, env: Env, cut: Cut): { value: unknown; problems: Problem[] } {
  const problems: Problem[] = [];
  const report = (path: Path, code: string, message: string, hint: string) =>
    problems.push({ ...whereIn(file)(path), code, message, hint });

  const fill = (text: string, path: Path): string => {
    if (!mayName(path)) {
      report(
        path,
        'ENV_NOT_HERE',
        `${shown(text)} is not replaced here`,
        'environment names are read only in secrets, tokens, headers and URLs, and in settings of the platform',
      );
      return shown(text);
    }
    return text.replace(PLACEHOLDER, (_, name: string) => {
      const value = FORBIDDEN.has(name) ? undefined : env[name];
      if (value === undefined || value === '') {
        const line = cut.get(name);
        const hint =
          line === undefined
            ? `set ${name} in the environment or in .env; a running bridge reads them when it is restarted`
            : cutHint(line);
        report(path, 'ENV_MISSING', `\${${name}} is not set`, hint);
        return name;
      }
      return value;
    });
  };
  const walk = (value: unknown, path: Path): unknown => {
    if (typeof value === 'string') return value.includes(OPEN) ? fill(value, path) : value;
    if (Array.isArray(value)) return value.map((item, index) => walk(item, [...path, index]));
    if (!isTable(value)) return value;
    return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, walk(inner, [...path, key])]));
  };
  return { value: walk(file.value, []), problems };
}
