// What each messenger sends, over real HTTP and SMTP to stand-ins, and what becomes of answers.
import { createHmac } from 'node:crypto';
import { afterEach, describe, expect, test } from 'vitest';
import type { Contact } from '../../src/alert/contacts.ts';
import type { Notice } from '../../src/alert/messenger.ts';
import { messengers } from '../../src/alert/messengers/index.ts';
import { createSend } from '../../src/alert/send.ts';
import { createHttp } from '../../src/deliver/http.ts';
import { always, startReceiver } from '../support/deliver-receiver.ts';
import { startMailServer } from '../support/mail-server.ts';

const AT = Date.UTC(2026, 2, 2, 12);
const EVIL = '<!channel> @everyone *_`[x](https://evil.example)`_* & <b>';
const notice = (over: Partial<Notice> = {}): Notice => ({
  id: 'incident-1',
  phase: 'open',
  kind: 'silence',
  title: 'shop/shopify is silent',
  detail: 'No hook has come for 2 hours. Usually about 80 come in such a time.',
  todo: 'Place a test order.',
  link: 'https://bridge.example/sources',
  since: AT - 7_200_000,
  ended_at: undefined,
  ...over,
});
const ending: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const end of ending.splice(0)) await end();
});

function contact(name: string, settings: unknown): Contact {
  const messenger = messengers.find((one) => one.name === name);
  if (messenger === undefined) throw new Error(`there is no ${name}`);
  return { id: `all/${name}`, store: undefined, messenger, settings: messenger.settings.parse(settings) };
}
function sender({ smtp, allowPrivate = true }: { smtp?: { url: string; from: string }; allowPrivate?: boolean } = {}) {
  const [http, ownHttp] = [createHttp({ allowPrivate }), createHttp({ allowPrivate: true })];
  ending.push(http.close, ownHttp.close);
  return createSend({ http, ownHttp, smtp, signal: new AbortController().signal });
}
async function receiver(...answer: Parameters<typeof always>) {
  const started = await startReceiver(always(...answer));
  ending.push(started.close);
  return started;
}
/** What a chat gets for these notices. */
async function posted(name: string, notices: Notice[]) {
  const chat = await receiver(200);
  const to = contact(name, { url: `${chat.url}/hook` });
  expect(await sender()(to, notices, { id: 'm', at: AT })).toEqual({ ok: true });
  expect(chat.received).toHaveLength(1);
  return chat.received[0]?.body ?? '';
}

describe('every chat', () => {
  test.each(['slack', 'discord', 'teams'])('%s gets title, figures, what to do and a link', async (name) => {
    const body = await posted(name, [notice()]);
    for (const part of [
      '🔴',
      'shop/shopify is silent',
      'Usually about 80',
      'Place a test order',
      'bridge.example/sources',
    ])
      expect(body).toContain(part);
    expect(await posted(name, [notice({ phase: 'end', ended_at: AT, link: undefined, todo: undefined })])).toContain(
      '🟢',
    );
  });

  test('Slack takes a text, and markup or mentions in it are inert', async () => {
    const body = JSON.parse(await posted('slack', [notice({ title: EVIL, detail: EVIL }), notice()]));
    expect(body.text).toContain('and 1 more');
    expect(body.blocks).toHaveLength(2);
    expect(JSON.stringify(body)).not.toContain('<!channel>');
    expect(body.blocks[0].text).toMatchObject({ type: 'mrkdwn', verbatim: true });
  });

  test('Discord takes embeds that mention nobody, with markup escaped', async () => {
    const body = JSON.parse(await posted('discord', [notice({ detail: EVIL })]));
    expect(body.allowed_mentions).toEqual({ parse: [] });
    expect(body.embeds[0].description).toContain('\\[x\\]');
    expect(body.embeds[0]).toMatchObject({ url: 'https://bridge.example/sources', timestamp: expect.any(String) });
  });

  test('Teams takes a message with an adaptive card whose texts are no Markdown', async () => {
    const body = JSON.parse(await posted('teams', [notice({ detail: EVIL })]));
    expect(body).toMatchObject({
      type: 'message',
      attachments: [
        {
          contentType: 'application/vnd.microsoft.card.adaptive',
          content: { type: 'AdaptiveCard', version: '1.4', body: [{ type: 'Container' }] },
        },
      ],
    });
    expect(JSON.stringify(body)).not.toContain('"TextBlock"');
  });
});

describe('the webhook', () => {
  const secret = `whsec_${Buffer.alloc(32, 7).toString('base64')}`;
  const older = `whsec_${Buffer.alloc(32, 8).toString('base64')}`;

  test('is signed as Standard Webhooks says, by each of its secrets', async () => {
    const program = await receiver(204);
    const to = contact('webhook', { url: program.url, secrets: [secret, older] });
    expect(await sender()(to, [notice()], { id: 'incident-1/all/webhook/open', at: AT })).toEqual({ ok: true });
    const [taken] = program.received;
    const body = taken?.body ?? '';
    const sign = (byte: number) =>
      `v1,${createHmac('sha256', Buffer.alloc(32, byte))
        .update(`incident-1/all/webhook/open.${AT / 1000}.${body}`)
        .digest('base64')}`;
    expect(taken?.headers['webhook-signature']).toBe(`${sign(7)} ${sign(8)}`);
    expect(taken?.headers['webhook-timestamp']).toBe(String(AT / 1000));
    expect(JSON.parse(body)).toMatchObject({
      type: 'incident.began',
      timestamp: '2026-03-02T12:00:00.000Z',
      data: { id: 'incident-1', kind: 'silence', since: '2026-03-02T10:00:00.000Z' },
    });
  });
  test('needs a secret that is long enough', () => {
    for (const secrets of [[], ['whsec_c2hvcnQ='], ['short']])
      expect(() => contact('webhook', { url: 'https://x.example', secrets })).toThrow();
  });
});

describe('e-mail', () => {
  test('goes out by SMTP, as text and HTML without markup of others', async () => {
    const server = await startMailServer();
    ending.push(server.close);
    const send = sender({ smtp: { url: server.url, from: 'bridge@shop.example' } });
    const to = contact('email', { to: ['ann@shop.example', 'bob@shop.example'] });
    expect(await send(to, [notice({ detail: EVIL })], { id: 'm', at: AT })).toEqual({ ok: true });
    const [mail] = server.taken;
    expect(mail).toMatchObject({ from: 'bridge@shop.example', to: ['ann@shop.example', 'bob@shop.example'] });
    expect(mail?.data).toContain('auto-generated');
    const html = mail?.data.split('text/html')[1] ?? '';
    expect(html).toContain('&lt;!channel&gt;');
    expect(html).not.toContain('<b>');
    expect(html.replace(/=\r?\n/g, '')).toContain('<a href=3D"https://bridge.example/sources">');
  });
  test('of what is over says nothing of what to do or where to look', () => {
    const over = notice({ phase: 'end', ended_at: AT, todo: undefined, link: undefined });
    const { messenger, settings } = contact('email', { to: ['ann@shop.example'] });
    const mail = JSON.stringify(messenger.build([over], settings, { id: 'm', at: AT }));
    expect(mail).toContain('shop/shopify is silent');
    expect(mail).not.toMatch(/undefined|What to do|href/);
  });
  test('that is refused, or has no server, says why without an address', async () => {
    const server = await startMailServer({ refuse: '550 ann@shop.example does not live here' });
    ending.push(server.close);
    const to = contact('email', { to: ['ann@shop.example'] });
    const send = (url: string) =>
      sender({ smtp: { url, from: 'bridge@shop.example' } })(to, [notice()], { id: 'm', at: AT });
    expect(await send(server.url)).toEqual({ ok: false, problem: 'the mail server answered 550' });
    expect(await send('smtp://127.0.0.1:9')).toEqual({
      ok: false,
      problem: 'the mail server failed: ESOCKET',
      down: true,
    });
    expect(await sender()(to, [notice()], { id: 'm', at: AT })).toEqual({
      ok: false,
      problem: 'SMTP_URL and SMTP_FROM are not set',
    });
  });
});

describe('a message that is not taken', () => {
  const slackAt = (url: string) => contact('slack', { url });
  test('says with which status, and when to come again', async () => {
    const busy = await receiver(429, { 'retry-after': '30' });
    expect(await sender()(slackAt(busy.url), [notice()], { id: 'm', at: AT })).toEqual({
      ok: false,
      problem: 'Slack answered 429',
      down: true,
      after: 30_000,
    });
    const gone = await receiver(404, {}, 'no_service for token T0/B0/secret');
    expect(await sender()(slackAt(gone.url), [notice()], { id: 'm', at: AT })).toEqual({
      ok: false,
      problem: 'Slack answered 404',
    });
  });
  test('says a date as the time until it comes, and never more than an hour', async () => {
    const at = { 'retry-after': 'Wed, 18 Nov 2026 09:00:45 GMT', date: 'Wed, 18 Nov 2026 09:00:00 GMT' };
    for (const [headers, after] of [[at, 45_000] as const, [{ 'retry-after': '86400' }, 3_600_000] as const]) {
      const { url } = await receiver(429, headers);
      expect(await sender()(slackAt(url), [notice()], { id: 'm', at: AT })).toMatchObject({ ok: false, after });
    }
  });
  test('goes to an address of the operator’s own network where a setting names it, never where a store file does', async () => {
    const inside = await receiver(200);
    const send = sender({ allowPrivate: false });
    const ofTheOperator = slackAt(inside.url);
    expect(await send({ ...ofTheOperator, id: 'acme/slack', store: 'acme' }, [notice()], { id: 'm', at: AT })).toEqual({
      ok: false,
      problem: 'no answer: forbidden address',
      down: true,
    });
    expect(inside.received).toEqual([]);
    expect(await send(ofTheOperator, [notice()], { id: 'm', at: AT })).toEqual({ ok: true });
    expect(inside.received).toHaveLength(1);
  });
});
