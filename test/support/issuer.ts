// An identity provider on a port of its own: discovery, keys, codes and signed tokens, honest or as a test says.
import { createHash, createSign, generateKeyPairSync, randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage } from 'node:http';
import { listenAnywhere } from './port.ts';

export const CLIENT = { id: 'the-pages', secret: 'secret-of-the-pages' };

type Granted = { redirect_uri: string; challenge: string; nonce: string };
/** What the token says beside the usual, and lies of the test: claims laid over, or another key. */
export type Says = { claims: object; forged?: boolean; down?: boolean };
export type Issuer = { origin: string; says: Says; asked: string[]; approve: (url: string) => URL; close: () => void };

const encode = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');
const keys = () => generateKeyPairSync('rsa', { modulusLength: 2048 });

async function formOf(request: IncomingMessage): Promise<URLSearchParams> {
  let text = '';
  for await (const chunk of request) text += chunk;
  return new URLSearchParams(text);
}

export async function startIssuer(): Promise<Issuer> {
  const [own, other] = [keys(), keys()];
  const codes = new Map<string, Granted>();
  const says: Says = { claims: {} };
  const asked: string[] = [];

  const tokenFor = ({ nonce }: Granted): string => {
    const seconds = Math.floor(Date.now() / 1000);
    const usual = { iss: origin, aud: CLIENT.id, sub: 'somebody', iat: seconds, exp: seconds + 300, nonce };
    const text = `${encode({ alg: 'RS256', kid: 'one' })}.${encode({ ...usual, ...says.claims })}`;
    const key = says.forged === true ? other.privateKey : own.privateKey;
    return `${text}.${createSign('sha256').update(text).sign(key, 'base64url')}`;
  };

  const exchange = (form: URLSearchParams): object | undefined => {
    const granted = codes.get(form.get('code') ?? '');
    codes.delete(form.get('code') ?? '');
    const challenge = createHash('sha256')
      .update(form.get('code_verifier') ?? '')
      .digest('base64url');
    if (granted?.challenge !== challenge || granted.redirect_uri !== form.get('redirect_uri')) return undefined;
    return { access_token: randomUUID(), token_type: 'bearer', id_token: tokenFor(granted) };
  };

  const server = createServer(async (request, response) => {
    const { pathname } = new URL(request.url ?? '', 'http://here.invalid');
    asked.push(pathname);
    const answer = (body: object, status = 200) =>
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
    if (says.down === true) return answer({}, 503);
    if (pathname === '/.well-known/openid-configuration')
      return answer({
        issuer: origin,
        authorization_endpoint: `${origin}/authorize`,
        token_endpoint: `${origin}/token`,
        jwks_uri: `${origin}/keys`,
        response_types_supported: ['code'],
        subject_types_supported: ['public'],
        id_token_signing_alg_values_supported: ['RS256'],
        code_challenge_methods_supported: ['S256'],
      });
    if (pathname === '/keys')
      return answer({ keys: [{ ...own.publicKey.export({ format: 'jwk' }), kid: 'one', alg: 'RS256', use: 'sig' }] });
    const form = await formOf(request);
    const body = pathname === '/token' ? exchange(form) : undefined;
    return body === undefined ? answer({ error: 'invalid_grant' }, 400) : answer(body);
  });
  const origin = `http://127.0.0.1:${await listenAnywhere(server)}`;

  return {
    origin,
    says,
    asked,
    /** Somebody logs in where the pages sent them; answers the address they are sent back to. */
    approve: (url) => {
      const { searchParams } = new URL(url);
      const given = (name: string) => searchParams.get(name) ?? '';
      const code = randomUUID();
      const granted = {
        redirect_uri: given('redirect_uri'),
        challenge: given('code_challenge'),
        nonce: given('nonce'),
      };
      codes.set(code, granted);
      const back = new URL(granted.redirect_uri);
      back.search = new URLSearchParams({ code, state: given('state') }).toString();
      return back;
    },
    close: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}
