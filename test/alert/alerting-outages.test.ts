// Alerts from end to end while hooks cannot be kept: told without the database, once, and to whoever did not hear.
import { expect, test } from 'vitest';
import { useWatched } from '../support/alerting.ts';
import { startReceiver } from '../support/deliver-receiver.ts';

const start = useWatched();

test('that hooks cannot be kept is told once, without the database, and its end once', async () => {
  const shop = await start();
  await shop.alerting.round();
  shop.failing.since = shop.clock.at;
  await shop.pass(1);
  expect(shop.told()).toEqual([]);
  await shop.pass(4);
  expect(shop.told()).toEqual(['🔴 Hooks cannot be kept']);
  shop.failing.since = undefined;
  await shop.pass(2);
  shop.failing.since = shop.clock.at;
  await shop.pass(5);
  expect(shop.told()).toHaveLength(1);
  shop.failing.since = undefined;
  await shop.pass(7);
  expect(shop.told()).toEqual(['🔴 Hooks cannot be kept', '🟢 Over: Hooks cannot be kept']);
  expect(shop.chat.received[1]?.body).toContain('It lasted 13 min.');
  await shop.pass(10);
  expect(shop.told()).toHaveLength(2);
});

test('a failover of a minute is told nobody', async () => {
  const shop = await start();
  await shop.alerting.round();
  shop.failing.since = shop.clock.at;
  await shop.pass(1);
  shop.failing.since = undefined;
  await shop.pass(10);
  expect(shop.told()).toEqual([]);
});

test('that hooks cannot be kept is told by the replica that watched, and not by the others', async () => {
  const shop = await start();
  const other = shop.another();
  await shop.alerting.round();
  await other.round();
  shop.failing.since = shop.clock.at;
  await shop.pass(3);
  await other.round();
  expect(shop.told()).toEqual(['🔴 Hooks cannot be kept']);
});

test('that hooks are kept again is told by who told that they were not, also when another replica watches by then', async () => {
  const shop = await start();
  const other = shop.another();
  await shop.alerting.round();
  for (let time = 1; time <= 2; time++) {
    shop.failing.since = shop.clock.at;
    await shop.pass(3);
    // Nobody could take the watch for longer than a lease, and then the other one was first.
    shop.clock.at += 4 * 60_000;
    shop.failing.since = undefined;
    for (let minute = 0; minute < 7; minute++) {
      await other.round();
      await shop.pass(1);
    }
    expect(shop.told().slice(2 * time - 2)).toEqual(['🔴 Hooks cannot be kept', '🟢 Over: Hooks cannot be kept']);
    shop.clock.at += 4 * 60_000;
    await shop.alerting.round();
  }
});

test('a contact that took nothing hears later that hooks cannot be kept', async () => {
  let status = 503;
  const program = await startReceiver((_, response) => response.writeHead(status).end());
  const shop = await start({ ALERT_WEBHOOK_URL: program.url, ALERT_WEBHOOK_SECRET: `whsec_${'a'.repeat(40)}` });
  await shop.alerting.round();
  shop.failing.since = shop.clock.at;
  await shop.pass(4);
  expect(program.received.length).toBeGreaterThan(1);
  status = 200;
  await shop.pass(1);
  const tries = program.received.length;
  await shop.pass(5);
  expect(program.received).toHaveLength(tries);
  expect(shop.told()).toEqual(['🔴 Hooks cannot be kept']);
  await program.close();
});

test('an outage an hour after another one is another, also while a contact has not heard of the end of the first', async () => {
  let status = 200;
  const program = await startReceiver((_, response) => response.writeHead(status).end());
  const shop = await start({ ALERT_WEBHOOK_URL: program.url, ALERT_WEBHOOK_SECRET: `whsec_${'a'.repeat(40)}` });
  await shop.alerting.round();
  shop.failing.since = shop.clock.at;
  await shop.pass(4);
  status = 503;
  shop.failing.since = undefined;
  await shop.pass(60);
  shop.failing.since = shop.clock.at;
  await shop.pass(1);
  expect(shop.told()).toEqual(['🔴 Hooks cannot be kept', '🟢 Over: Hooks cannot be kept']);
  await shop.pass(1);
  expect(shop.told().slice(2)).toEqual(['🔴 Hooks cannot be kept']);
  expect(shop.chat.received.at(-1)?.body).toContain('For 2 min every hook has been answered with 503');
  await program.close();
});
