// Senders that sign nothing and only show a secret: in a header, in the URL or in the body.
import { hash, timingSafeEqual } from 'node:crypto';
import { z } from 'zod';
import { valueIn } from '../lib/table.ts';
import {
  Common,
  HeaderName,
  HeaderNames,
  no,
  type Scheme,
  type Sender,
  type Unverified,
  type Verdict,
} from './scheme.ts';
import { decodeExactly, firstHeader, inHeaders } from './signature.ts';

export const BasicSettings = z.strictObject({
  scheme: z.literal('basic'),
  user_setting: z
    .string()
    .default('user')
    .describe('The setting of the source that names the user; without it any name will do'),
  ...Common,
});
export const BearerSettings = z.strictObject({
  scheme: z.literal('bearer'),
  header: HeaderName.default('authorization'),
  ...Common,
});
export const HeaderSettings = z.strictObject({ scheme: z.literal('header'), header: HeaderNames, ...Common });
export const QuerySettings = z.strictObject({
  scheme: z.literal('query'),
  parameter: z.string().min(1).default('key').describe('The parameter of the URL that holds a secret'),
  ...Common,
});
const FieldPath = z.string().regex(/^[\w-]+(\.[\w-]+)*$/, 'write a dotted path such as token');
export const BodyTokenSettings = z.strictObject({
  scheme: z.literal('body_token'),
  path: z.union([FieldPath, z.array(FieldPath).min(1)]).describe('The field of the body that holds a secret'),
  ...Common,
});

const digest = (text: string) => hash('sha256', text, 'buffer');
/** Constant-time whatever the lengths, because only hashes are compared. */
const equal = (a: string, b: string) => timingSafeEqual(digest(a), digest(b));
const isSecret = ({ secrets }: Sender, given: string) => secrets.map((secret) => equal(secret, given)).includes(true);

/** `what` says where the secret was looked for. */
const judge = (sender: Sender, given: string | undefined, what: string): Verdict => {
  if (given === undefined) return no(`${what} is missing`);
  return isSecret(sender, given) ? { ok: true } : no(`${what} is none of the secrets of this source`);
};

/** What follows the word `Basic` or `Bearer`, by which the scheme was chosen. */
const credentialOf = (header: string | undefined) => /^\w+ +(\S+) *$/.exec(header ?? '')?.[1];
const beginsWith = (word: string, header: string | undefined) =>
  header?.slice(0, word.length + 1).toLowerCase() === `${word} `;

/** Follows RFC 7617; the password is one of the secrets. */
export const basic: Scheme<z.infer<typeof BasicSettings>> = {
  proof: () => 'user and password',
  applies: (_, { headers }) => beginsWith('basic', headers.authorization),
  credentials: () => ['authorization'],
  verify: ({ user_setting }, { headers }, sender) => {
    const pair = decodeExactly(credentialOf(headers.authorization) ?? '', 'base64')?.toString('utf8');
    const end = pair?.indexOf(':') ?? -1;
    if (pair === undefined || end === -1) return no('the Authorization header holds no user and password');
    const user = sender.settings[user_setting];
    const isUser = user === undefined || equal(String(user), pair.slice(0, end));
    const isPassword = isSecret(sender, pair.slice(end + 1));
    return isUser && isPassword ? { ok: true } : no('user and password are not those of this source');
  },
  sign: ({ user_setting }, _, { secrets: [secret], settings }) =>
    secret === undefined
      ? undefined
      : {
          headers: {
            authorization: `Basic ${Buffer.from(`${settings[user_setting] ?? 'user'}:${secret}`).toString('base64')}`,
          },
        },
};

/** Follows RFC 6750. */
export const bearer: Scheme<z.infer<typeof BearerSettings>> = {
  proof: () => 'bearer token',
  applies: ({ header }, { headers }) => beginsWith('bearer', headers[header]),
  credentials: ({ header }) => [header],
  verify: ({ header }, { headers }, sender) => judge(sender, credentialOf(headers[header]), 'the bearer token'),
  sign: ({ header }, _, { secrets: [secret] }) =>
    secret === undefined ? undefined : { headers: { [header]: `Bearer ${secret}` } },
};

export const header: Scheme<z.infer<typeof HeaderSettings>> = {
  ...inHeaders,
  verify: ({ header: names }, { headers }, sender) =>
    judge(sender, firstHeader(names, headers), `the header ${[names].flat().join(' or ')}`),
  sign: ({ header: names }, _, { secrets: [secret] }) =>
    secret === undefined ? undefined : { headers: { [[names].flat()[0] ?? '']: secret } },
};

const valuesIn = (parameter: string, { url }: Unverified) => new URL(url, 'http://host').searchParams.getAll(parameter);

/** The URL itself is never kept or logged; proxies repeat it in headers, which then count as credentials. */
export const query: Scheme<z.infer<typeof QuerySettings>> = {
  proof: ({ parameter }) => `?${parameter}=`,
  applies: ({ parameter }, request) => valuesIn(parameter, request).length > 0,
  credentials: ({ parameter }, headers) =>
    Object.keys(headers).filter((name) => headers[name]?.includes(`${parameter}=`)),
  verify: ({ parameter }, request, sender) => {
    const [given, second] = valuesIn(parameter, request);
    return second === undefined
      ? judge(sender, given, `?${parameter}= in the URL`)
      : no(`?${parameter}= is in the URL twice`);
  },
  sign: ({ parameter }, _, { secrets: [secret] }) =>
    secret === undefined ? undefined : { headers: {}, query: { [parameter]: secret } },
};

/** The text at a dotted path. */
function textAt(body: unknown, path: string): string | undefined {
  const found = valueIn(body, path.split('.'));
  return typeof found === 'string' || typeof found === 'number' ? String(found) : undefined;
}

/** Anybody can have such a body read; what is sent with its secret inside is small. */
const LARGEST = 200_000;

/** Applies to every request, for one cannot tell before the body is read: it belongs at the end of a list. */
export const body_token: Scheme<z.infer<typeof BodyTokenSettings>> = {
  proof: ({ path }) => `${[path].flat().join(' or ')} in the body`,
  applies: () => true,
  credentials: () => [],
  verify: async ({ path }, request, sender, { readBody }) => {
    if (request.body.length > LARGEST) return no('the body is too large to look for its secret');
    const body = await readBody();
    const given = [path]
      .flat()
      .map((one) => textAt(body, one))
      .find((text) => text !== undefined);
    return judge(sender, given, `${[path].flat().join(' or ')} in the body`);
  },
  // The token is a part of the body that is being sent.
  sign: () => ({ headers: {} }),
};
