// What is signed: a template over parts of the request, such as `{timestamp}.{body}`.
import { crc32 } from 'node:zlib';
import { z } from 'zod';
import { nearest } from '../lib/nearest.ts';
import type { Around, Sender, Unverified } from './scheme.ts';

export type Parts = {
  request: Unverified;
  settings: Sender['settings'];
  publicUrl: Around['publicUrl'];
  /** Percent-encodings that the sender decodes in the URL before it signs. */
  decode?: readonly string[] | undefined;
  timestamp?: string | undefined;
  secret?: string | undefined;
};
type Part = (parts: Parts) => string | Uint8Array | undefined;

const PARTS: Record<string, Part> = {
  body: ({ request }) => request.body,
  body_base64: ({ request }) => Buffer.from(request.body).toString('base64'),
  body_crc32: ({ request }) => String(crc32(request.body)),
  method: ({ request }) => request.method,
  url: signedUrl,
  timestamp: ({ timestamp }) => timestamp,
  secret: ({ secret }) => secret,
};
const NAMED = /^(headers|settings)\.([a-z0-9_-]+)$/;
const PLACEHOLDER = /\{([^{}]*)\}/;

/** Follows the sender's view of the URL, never the Host header, which anybody can set. */
function signedUrl({ request, settings, publicUrl, decode = [] }: Parts): string | undefined {
  const query = request.url.includes('?') ? request.url.slice(request.url.indexOf('?')) : '';
  const own = typeof settings.url === 'string' ? settings.url : undefined;
  const url =
    own === undefined
      ? publicUrl && publicUrl.replace(/\/+$/, '') + request.url
      : own.includes('?')
        ? own
        : own + query;
  return decode.reduce((text, code) => text?.replace(new RegExp(code, 'gi'), decodeURIComponent(code)), url);
}

export const Decode = z
  .array(z.string().regex(/^%[0-7][0-9A-F]$/, 'write percent codes such as "%3A"'))
  .optional()
  .describe('Percent codes that the sender decodes in the URL before it signs');

/** A template that covers the body; `also` names what it must hold besides. */
export const Template = (also: readonly string[] = []) =>
  z
    .string()
    .describe(
      `What is signed. Parts: ${Object.keys(PARTS)
        .map((name) => `{${name}}`)
        .join(' ')} {headers.name} {settings.name}`,
    )
    .superRefine((template, context) => {
      const names = namesIn(template);
      const wrong = names.find((name) => !(name in PARTS) && !NAMED.test(name));
      const hint = wrong === undefined ? undefined : nearest(wrong, Object.keys(PARTS));
      if (wrong !== undefined)
        context.addIssue({ code: 'custom', message: `{${wrong}} is no part of a request`, params: { hint } });
      if (!names.some((name) => name.startsWith('body')))
        context.addIssue({ code: 'custom', message: 'must hold the body, or anybody could change it' });
      for (const name of also)
        if (!names.includes(name)) context.addIssue({ code: 'custom', message: `must hold {${name}}` });
    });

const namesIn = (template: string): string[] => template.split(PLACEHOLDER).filter((_, index) => index % 2 === 1);

const WHY: Record<string, string> = { url: 'the signed URL is not known: set PUBLIC_URL, or url at this source' };

/** The bytes that are signed, or which part of them is not there. */
export function render(template: string, parts: Parts): Buffer | { missing: string } {
  const pieces: (string | Uint8Array)[] = [];
  for (const [index, piece] of template.split(PLACEHOLDER).entries()) {
    const value = index % 2 === 0 ? piece : valueOfPart(piece, parts);
    if (value === undefined) return { missing: WHY[piece] ?? `${piece} is signed but missing` };
    pieces.push(value);
  }
  return Buffer.concat(pieces.map((piece) => (typeof piece === 'string' ? Buffer.from(piece) : piece)));
}

function valueOfPart(name: string, parts: Parts): string | Uint8Array | undefined {
  const [, table, key = ''] = NAMED.exec(name) ?? [];
  if (table === 'headers') return parts.request.headers[key];
  if (table === 'settings') return textOf(parts.settings[key]);
  return PARTS[name]?.(parts);
}

const textOf = (value: unknown) => (typeof value === 'string' || typeof value === 'number' ? String(value) : undefined);
