// Signatures as they stand in a header: found, taken apart, and decoded without leniency.
import { z } from 'zod';
import { HeaderNames, type Unverified } from './scheme.ts';

/** Settings that say where signatures stand and how they are written. */
export const SignatureFields = {
  header: HeaderNames.describe('The header that carries the signature; several spellings may be listed'),
  encoding: z.enum(['base64', 'hex']),
  prefix: z.string().min(1).optional().describe('Text before the signature, such as sha256='),
  pair: z.string().min(1).optional().describe('The header is a list like t=…,v1=…; this is the name of its signatures'),
  separator: z.string().min(1).optional().describe('The header holds several signatures with this between them'),
};
export type SignatureSettings = z.infer<z.ZodObject<typeof SignatureFields>>;

/** `t=1,v1=a,v1=b` as names and values. */
export const pairsOf = (text: string): [name: string, value: string][] =>
  text.split(',').map((pair) => {
    const end = pair.indexOf('=');
    return end === -1 ? ['', pair] : [pair.slice(0, end), pair.slice(end + 1)];
  });

/** The value of the first of the headers that is there. */
export const firstHeader = (names: string | readonly string[], headers: Record<string, string>): string | undefined =>
  [names]
    .flat()
    .map((name) => headers[name])
    .find((value) => value !== undefined);

type Headed = { header: string | string[] };
/** What schemes have in common whose proof stands in a header, or in any of several. */
export const inHeaders = {
  proof: ({ header }: Headed) => [header].flat().join(' or '),
  applies: ({ header }: Headed, { headers }: Unverified) => firstHeader(header, headers) !== undefined,
  credentials: ({ header }: Headed) => [header].flat(),
};

const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;
const HEX = /^(?:[0-9a-fA-F]{2})+$/;

/** Node decodes leniently; here only the exact spelling passes, or one signature would have many. */
export function decodeExactly(text: string, encoding: 'base64' | 'hex'): Buffer | undefined {
  if (text === '' || !(encoding === 'hex' ? HEX : BASE64).test(text)) return undefined;
  const bytes = Buffer.from(text, encoding);
  return encoding === 'hex' || bytes.toString('base64') === text ? bytes : undefined;
}

function textsIn({ prefix = '', pair, separator }: SignatureSettings, value: string): string[] {
  const listed =
    pair === undefined
      ? separator === undefined
        ? [value]
        : value.split(separator)
      : pairsOf(value).flatMap(([name, one]) => (name === pair ? [one] : []));
  return listed.filter((text) => text.startsWith(prefix)).map((text) => text.slice(prefix.length));
}

/** Every signature of the header's value that is spelled right. */
export function signaturesIn(settings: SignatureSettings, value: string): Buffer[] | { problem: string } {
  const texts = textsIn(settings, value);
  if (texts.length === 0)
    return {
      problem: `the signature header holds no ${settings.pair ?? `signature that begins with ${settings.prefix ?? ''}`}`,
    };
  const decoded = texts.flatMap((text) => decodeExactly(text, settings.encoding) ?? []);
  return decoded.length > 0 ? decoded : { problem: `the signature is no ${settings.encoding}` };
}
