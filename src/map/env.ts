// Puts environment values in the place of `${NAME}`, only in fields that may hold a secret.
import { isTable } from '../lib/table.ts';
import { CLOSE, type MappingFile, OPEN, type Path, type Problem, shown, whereIn } from './files.ts';

export type Env = Record<string, string | undefined>;

/** Keys whose values, or lists or tables of values, may name environment variables. */
const ALLOWED = new Set([
  'secrets',
  'api_secret',
  'access_token',
  'app_secret',
  'api_token',
  'token',
  'client_secret',
  'refresh_token',
  'service_account',
  'headers',
  'url',
  'user',
  'webhook_id',
  'organization_id',
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

const mayName = (path: Path) => path.some((part) => typeof part === 'string' && ALLOWED.has(part));

/** The name that a text means and does not say as one; undefined for any other text. Addresses of look-ups have braces. */
function nameIn(text: string, path: Path, env: Env): string | undefined {
  const alone = NAME_ALONE.exec(text)?.[1];
  if (alone !== undefined && (env[alone] ?? '') !== '') return alone;
  if (path.includes('lookups')) return undefined;
  const [, plain, braced, doubled] = MEANT.exec(text) ?? [];
  return (plain ?? braced ?? doubled)?.replaceAll('-', '_');
}

/** Texts that are the name of a variable, but not written so that it is replaced: they would be the secret themselves. */
export function warnOfNames(file: MappingFile, env: Env): Problem[] {
  const walk = (value: unknown, path: Path): Problem[] => {
    if (Array.isArray(value)) return value.flatMap((item, index) => walk(item, [...path, index]));
    if (isTable(value)) return Object.entries(value).flatMap(([key, inner]) => walk(inner, [...path, key]));
    if (typeof value !== 'string' || !mayName(path) || isFilled(value)) return [];
    const name = nameIn(value, path, env);
    if (name === undefined) return [];
    const message = 'these letters themselves would be used';
    const hint = `write "\${${name}}" with straight quotes to mean what ${name} holds`;
    return [{ ...whereIn(file)(path), code: 'NO_NAME', message, hint }];
  };
  return walk(file.value, []);
}

/** A copy of the file's value with placeholders filled, and every mistake made. */
export function fillEnv(file: MappingFile, env: Env): { value: unknown; problems: Problem[] } {
  const problems: Problem[] = [];
  const report = (path: Path, code: string, message: string, hint: string) =>
    problems.push({ ...whereIn(file)(path), code, message, hint });

  const fill = (text: string, path: Path): string => {
    if (!mayName(path)) {
      report(
        path,
        'ENV_NOT_HERE',
        `${shown(text)} is not replaced here`,
        'environment names are read only in secrets, tokens, headers and URLs',
      );
      return shown(text);
    }
    return text.replace(PLACEHOLDER, (_, name: string) => {
      const value = FORBIDDEN.has(name) ? undefined : env[name];
      if (value === undefined || value === '') {
        report(path, 'ENV_MISSING', `\${${name}} is not set`, `set ${name} in the environment or in .env`);
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
