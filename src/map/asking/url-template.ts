// URLs with expressions in braces, such as https://api.example.com/deals/{id}: data fills them in and never chooses the host.
import type { Expression } from '../expression/expression.ts';

/** Literal text and expressions in turn. `host` parts stand before the path. */
export type UrlTemplate = { parts: (string | { run: Expression; host: boolean })[]; hosts: readonly string[] };
/** `unsaid` is an expression without a value: then there is nothing to ask. */
export type BuiltUrl = { url: string } | { unsaid: true } | { refused: string };
/** Text with expressions in braces, cut at them. */
type Cut = { text: string } | { expression: string; offset: number };

const LONGEST_VALUE = 500;
const HOST_VALUE = /^[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*$/;
/** What stands behind the domain of a site that lies in a folder. */
export const FOLDERS = /(\/[\w~-][\w.~-]*)*$/;

/** Braces do not nest: an expression in them has none of its own. */
export function cutTemplate(text: string): Cut[] {
  const cuts: Cut[] = [];
  let at = 0;
  for (const { index, 0: whole, 1: expression = '' } of text.matchAll(/\{([^{}]*)\}/g)) {
    if (index > at) cuts.push({ text: text.slice(at, index) });
    cuts.push({ expression, offset: index + 1 });
    at = index + whole.length;
  }
  if (at < text.length) cuts.push({ text: text.slice(at) });
  return cuts;
}

/** Where the host ends: expressions may hold slashes of their own. */
function hostOf(text: string): { scheme: string; host: string } {
  const scheme = /^https?:\/\//.exec(text)?.[0] ?? '';
  const masked = text.slice(scheme.length).replace(/\{[^{}]*\}/g, (braces) => '{'.repeat(braces.length));
  const [host = ''] = masked.split(/[/?#]/, 1);
  return { scheme, host };
}

/** A setting of type host or site is written by whoever runs the store, so that no data chooses where its credentials go. */
const fromSettings = (host: string, settings: readonly string[]): boolean =>
  cutTemplate(host).every(
    (cut) => 'text' in cut || settings.some((name) => cut.expression.trim() === `$settings.${name}`),
  );

/**
 * What is wrong with the template itself, in words for whoever writes it; undefined when it is fine. `hostSettings` are the
 * names of settings of type host or site.
 */
export function templateMistake(
  text: string,
  hosts: readonly string[],
  hostSettings: readonly string[],
): string | undefined {
  const { scheme, host } = hostOf(text);
  if (scheme === '') return 'must start with https://';
  if (/[@\\\s]/.test(host)) return 'must have a plain host name';
  const written = text.slice(scheme.length, scheme.length + host.length);
  if (host.includes('{') && hosts.length === 0 && !fromSettings(written, hostSettings))
    return 'must not take its host from data; write the host out, or list the domains it may be in under hosts:';
  if (!host.includes('{') && !URL.canParse(`${scheme}${host}/`)) return 'must have a host name';
  return text.includes('#') ? 'must not have a #' : undefined;
}

/** `compile` answers undefined for an expression with a mistake, which it has reported. */
export function compileUrl(
  text: string,
  hosts: readonly string[],
  compile: (expression: string) => Expression | undefined,
): UrlTemplate {
  const { scheme, host } = hostOf(text);
  const parts = cutTemplate(text).flatMap((cut): UrlTemplate['parts'] => {
    if ('text' in cut) return [cut.text];
    const run = compile(cut.expression);
    return run === undefined ? [] : [{ run, host: cut.offset <= scheme.length + host.length }];
  });
  return { parts, hosts };
}

/** Is the host one of the domains, or under one of them? */
const isUnder = (host: string, domains: readonly string[]) =>
  domains.some((domain) => host === domain || host.endsWith(`.${domain}`));

/**
 * Fills a template in. Values are percent-encoded; in the host they must be host names under the template's domains, and
 * in the path none may climb to another one.
 */
export function buildUrl({ parts, hosts }: UrlTemplate, read: (run: Expression) => unknown): BuiltUrl {
  let built = '';
  for (const part of parts) {
    if (typeof part === 'string') {
      built += part;
      continue;
    }
    const value = read(part.run);
    if (value === undefined || value === null || value === '') return { unsaid: true };
    if (typeof value === 'object') return { refused: 'a value of its URL is no text' };
    const text = String(value);
    if (text.length > LONGEST_VALUE) return { refused: 'a value of its URL is too long' };
    // Without a list of domains only settings name the host, and such a site may lie in a folder.
    const host = hosts.length > 0 ? text : text.replace(FOLDERS, '');
    if (part.host && !HOST_VALUE.test(host)) return { refused: 'the host it names is no host name' };
    built += part.host ? text : encodeURIComponent(text.toWellFormed());
  }
  if (!URL.canParse(built)) return { refused: 'its URL is none' };
  const url = new URL(built);
  const isChosen = hosts.length > 0 && parts.some((part) => typeof part !== 'string' && part.host);
  if (isChosen && !isUnder(url.hostname, hosts)) return { refused: `its host is not one of ${hosts.join(', ')}` };
  // The parser takes "." and ".." out of a path, so a value that is one would lead elsewhere.
  const path = /^[^/]*\/\/[^/?]*([^?]*)/.exec(built)?.[1] ?? '';
  return url.pathname === (path === '' ? '/' : path) ? { url: url.href } : { refused: 'a value of its URL is no name' };
}
