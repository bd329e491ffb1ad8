// Signatures under a certificate that the request names: its URL, its name, its dates and its chain.
import { sign as rsaSign, X509Certificate } from 'node:crypto';
import { crc32 } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { certificateProblem } from '../../src/verify/certificate.ts';
import type { FetchedKey } from '../../src/verify/scheme.ts';
import { type Issued, issue } from '../support/certificates.ts';
import { type Asked, ask, NOW, sourceOf } from '../support/verify.ts';

const DAY = 86_400_000;
const BODY = '{"id":"WH-7","event_type":"LAMP.SOLD"}';
const URL_OF_CERT = 'https://api.lamps.example/certs/CERT-1';
const HOSTS = ['.lamps.example'];
const valid = { from: NOW - DAY, until: NOW + DAY };
const leaf = issue({ name: 'signer.lamps.example', ...valid });

const source = (secrets = ['a-shared-secret'], settings: Record<string, unknown> = { webhook_id: '3JH' }) =>
  sourceOf(
    {
      scheme: 'certificate',
      header: 'x-lamp-sig',
      signed: '{headers.x-lamp-id}|{headers.x-lamp-time}|{settings.webhook_id}|{body_crc32}',
      url_header: 'x-lamp-cert-url',
      hosts: HOSTS,
    },
    secrets,
    settings,
  );
function asked(over: Record<string, string> = {}, body = BODY, { privateKey }: Issued = leaf, webhook = '3JH'): Asked {
  const message = `t-1|2026-01-31T11:59:00Z|${webhook}|${crc32(BODY)}`;
  const signature = rsaSign('sha256', Buffer.from(message), privateKey).toString('base64');
  return {
    headers: {
      'x-lamp-id': 't-1',
      'x-lamp-time': '2026-01-31T11:59:00Z',
      'x-lamp-sig': signature,
      'x-lamp-cert-url': URL_OF_CERT,
      ...over,
    },
    body,
  };
}
const holding = (answer: FetchedKey) => ({
  fetchKey: async (url: string): Promise<FetchedKey> =>
    url === URL_OF_CERT ? answer : { problem: 'not asked for', temporary: false },
});
const withLeaf = holding({ pem: leaf.cert });

describe('a signature under a named certificate', () => {
  test('is let in', async () => {
    expect(await ask(source(), asked(), withLeaf)).toBe('in');
  });
  test('S02 over another body, id, time or webhook is kept out', async () => {
    const wrong = 'the signature does not fit the certificate';
    expect(await ask(source(), asked({}, `${BODY} `), withLeaf)).toBe(wrong);
    expect(await ask(source(), asked({ 'x-lamp-id': 't-2' }), withLeaf)).toBe(wrong);
    expect(await ask(source(), asked({ 'x-lamp-time': '2026-01-31T11:59:01Z' }), withLeaf)).toBe(wrong);
    expect(await ask(source(), asked({}, BODY, leaf, '4JH'), withLeaf)).toBe(wrong);
  });
  test('S03 that is missing or no base64 is kept out', async () => {
    expect(await ask(source(), asked({ 'x-lamp-sig': '!!' }), withLeaf)).toBe(
      'the signature header is missing or no base64',
    );
    expect(await ask(source(), { body: BODY }, withLeaf)).toBe('nothing proves the sender: there is no x-lamp-sig');
  });
  test('of a source without the id that is signed says so', async () => {
    expect(await ask(source(['a-shared-secret'], {}), asked(), withLeaf)).toBe(
      'settings.webhook_id is signed but missing',
    );
  });
  test.each([
    'http://api.lamps.example/certs/CERT-1',
    'https://api.lamps.example.evil.example/certs/CERT-1',
    'https://evillamps.example/certs/CERT-1',
    'https://api.lamps.example:8443/certs/CERT-1',
    'https://user@api.lamps.example/certs/CERT-1',
    'https://evil.example#.lamps.example',
    'https://169.254.169.254/latest/.lamps.example',
    'https://api.lamps.example/certs/../CERT-1',
    'https://api.lamps.example/certs/CERT-1?one-more-name=for-the-same',
    'file:///etc/passwd.lamps.example',
    'no URL',
    '',
  ])('asks nobody for a certificate at %j', async (url) => {
    let asks = 0;
    const fetchKey = async (): Promise<FetchedKey> => {
      asks += 1;
      return { pem: leaf.cert };
    };
    expect(await ask(source(), asked({ 'x-lamp-cert-url': url }), { fetchKey })).toBe(
      'the URL of the certificate is missing or leads elsewhere',
    );
    expect(asks).toBe(0);
  });
  test('is put off while the certificate cannot be fetched, and kept out when there is none', async () => {
    expect(await ask(source(), asked(), holding({ problem: 'no answer', temporary: true }))).toBe(
      'later: the certificate cannot be fetched: no answer',
    );
    expect(await ask(source(), asked(), holding({ problem: 'its host answered 404', temporary: false }))).toBe(
      'the certificate cannot be fetched: its host answered 404',
    );
    expect(await ask(source(), asked(), holding({ pem: 'nothing' }))).toBe(
      'the certificate is not trusted: it holds no certificate',
    );
  });
  test('is let in by a certificate or key among the secrets, without asking anybody', async () => {
    expect(await ask(source([leaf.cert]), asked({ 'x-lamp-cert-url': '' }))).toBe('in');
    expect(await ask(source([leaf.publicKey.export({ type: 'spki', format: 'pem' }).toString()]), asked())).toBe('in');
  });
  test('is kept out when its certificate is expired, not yet valid, or made out to another name', async () => {
    for (const [given, problem] of [
      [
        { name: 'signer.lamps.example', from: NOW - 2 * DAY, until: NOW - 1_000 },
        'it or one of its issuers is not valid now',
      ],
      [
        { name: 'signer.lamps.example', from: NOW + 1_000, until: NOW + DAY },
        'it or one of its issuers is not valid now',
      ],
      [{ name: 'signer.evillamps.example', ...valid }, 'it is made out to another name'],
    ] as const) {
      const other = issue(given);
      expect(await ask(source(), asked({}, BODY, other), holding({ pem: other.cert }))).toBe(
        `the certificate is not trusted: ${problem}`,
      );
    }
  });
  test('is kept out when its issuers come along and lead to no root that Node knows', async () => {
    const root = issue({ name: 'Lamp Root', ca: true, ...valid });
    const issued = issue({ name: 'signer.lamps.example', issuer: root, ...valid });
    expect(await ask(source(), asked({}, BODY, issued), holding({ pem: issued.cert + root.cert }))).toBe(
      'the certificate is not trusted: its issuers lead to no known root',
    );
  });
});

describe('a chain of certificates', () => {
  const root = issue({ name: 'Lamp Root', ca: true, ...valid });
  const middle = issue({ name: 'Lamp Middle', ca: true, issuer: root, ...valid });
  const end = issue({ name: 'signer.lamps.example', issuer: middle, ...valid });
  const problem = (...chain: Issued[]) =>
    certificateProblem(
      chain.map(({ cert }) => new X509Certificate(cert)),
      { hosts: HOSTS, now: NOW, roots: [new X509Certificate(root.cert)] },
    );

  test('that leads to a root is trusted, in any order and with others beside it', () => {
    expect(problem(end, middle)).toBeUndefined();
    expect(problem(end, root, middle)).toBeUndefined();
    expect(problem(end, issue({ name: 'Other', ca: true, ...valid }), middle)).toBeUndefined();
  });
  test('with a gap, an issuer of the same name or one that is no authority is not', () => {
    const lost = 'its issuers lead to no known root';
    expect(problem(end, root)).toBe(lost);
    expect(problem(end, issue({ name: 'Lamp Middle', ca: true, issuer: root, ...valid }))).toBe(lost);
    const noAuthority = issue({ name: 'other.lamps.example', issuer: root, ...valid });
    expect(problem(issue({ name: 'signer.lamps.example', issuer: noAuthority, ...valid }), noAuthority)).toBe(lost);
  });
  test('with an expired issuer is not', () => {
    const old = issue({ name: 'Lamp Old', ca: true, issuer: root, from: NOW - 2 * DAY, until: NOW - DAY });
    expect(problem(issue({ name: 'signer.lamps.example', issuer: old, ...valid }), old)).toBe(
      'it or one of its issuers is not valid now',
    );
  });
  test('of one certificate alone rests on the host it came from', () => {
    expect(problem(leaf)).toBeUndefined();
  });
});
