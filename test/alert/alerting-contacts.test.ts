// Alerts from end to end about who hears of them: contacts that take nothing, those of a store, and what one message says.
import { expect, test } from 'vitest';
import { HOUR, useWatched } from '../support/alerting.ts';
import { startReceiver } from '../support/deliver-receiver.ts';

const start = useWatched();

test('a chat that does not answer is told later, in order, and holds up nobody else', async () => {
  const shop = await start(
    { ALERT_DISCORD_URL: 'http://127.0.0.1:9/' },
    { alerts: { webhook: { url: 'http://127.0.0.1:9/', secrets: [`whsec_${'a'.repeat(40)}`] } } },
  );
  await shop.keep.pauseAccount({ account: 'G-TEST000001', reason: 'x', since: shop.clock.at, settings: 'stamp' });
  await shop.alerting.round();
  await shop.keep.resumeAccount('G-TEST000001');
  await shop.pass(6);
  expect(shop.told()).toHaveLength(2);
  const incidents = await shop.keep.listEndedIncidents('', 1);
  const notices = await shop.keep.listNotices(incidents.map(({ id }) => id));
  expect(notices.filter(({ contact }) => contact === 'all/discord')).toMatchObject([
    { phase: 'open', attempts: 3, sent_at: undefined, problem: 'no answer: refused' },
    { phase: 'end', attempts: 0 },
  ]);
  expect(shop.logged.join('')).toContain('alert.not_sent');
  expect(shop.logged.join('')).not.toContain('127.0.0.1:9');
});

test('a message that tells of an end and of a beginning is headed by the beginning', async () => {
  const shop = await start();
  await shop.keep.pauseAccount({ account: 'G-TEST000001', reason: 'x', since: shop.clock.at, settings: 'stamp' });
  await shop.alerting.round();
  await shop.keep.resumeAccount('G-TEST000001');
  await shop.pass(1);
  shop.clock.at += 24 * HOUR;
  await shop.pass(1);
  expect(shop.chat.received.at(-1)?.body).toContain('Over: shop/ga4 is paused');
  expect(shop.told().at(-1)).toMatch(/^🔴 shop\/shopify: no hook ever came and \d more$/);
});

test('a contact that takes nothing is tried once a round, however much it is owed, and gets all of it later', async () => {
  let status = 503;
  const program = await startReceiver((_, response) => response.writeHead(status).end());
  const shop = await start({ ALERT_WEBHOOK_URL: program.url, ALERT_WEBHOOK_SECRET: `whsec_${'a'.repeat(40)}` });
  const accounts = ['G-TEST000001', 'gone-1', 'gone-2', 'gone-3'];
  for (const account of accounts)
    await shop.keep.pauseAccount({ account, reason: 'x', since: shop.clock.at, settings: 'stamp' });
  await shop.alerting.round();
  expect(program.received).toHaveLength(1);
  status = 400;
  await shop.pass(1);
  expect(program.received).toHaveLength(1 + accounts.length);
  status = 200;
  await shop.pass(10);
  expect(program.received).toHaveLength(1 + 2 * accounts.length);
  await program.close();
});

test('what cannot be told for a day is told no more', async () => {
  const shop = await start({ ALERT_SLACK_URL: 'http://127.0.0.1:9/' });
  await shop.keep.pauseAccount({ account: 'G-TEST000001', reason: 'x', since: shop.clock.at, settings: 'stamp' });
  for (let hour = 0; hour < 30; hour++) {
    await shop.alerting.round();
    shop.clock.at += HOUR;
  }
  const [incident] = await shop.keep.listOpenIncidents();
  const [notice] = await shop.keep.listNotices([incident?.id ?? '']);
  expect(notice).toMatchObject({ due_at: undefined, sent_at: undefined, problem: 'no answer: refused' });
});

test('the contacts of a store hear of it, and what they ignore is no incident', async () => {
  const alerts = { slack: { url: '${CHAT_URL}' }, ignore: ['silence'] };
  const shop = await start({}, { alerts });
  await shop.alerting.round();
  shop.clock.at += 25 * HOUR;
  await shop.pass(1);
  expect(shop.told()).toEqual([]);
  await shop.keep.pauseAccount({ account: 'G-TEST000001', reason: 'x', since: shop.clock.at, settings: 'stamp' });
  await shop.pass(1);
  expect(shop.told()).toEqual(['🔴 shop/ga4 is paused', '🔴 shop/ga4 is paused']);
});
