// What people and programs had begun on the admin port when the service is told to stop: it is finished and answered.
import { once } from 'node:events';
import { type IncomingMessage, request } from 'node:http';
import { text } from 'node:stream/consumers';
import { expect, test } from 'vitest';
import { makeToken } from '../support/api.ts';
import { becomeAdmin } from '../support/browser.ts';
import { startRig } from '../support/service.ts';

test('a phone order whose body is on its way at the stop is kept and answered', async () => {
  const rig = await startRig();
  const token = await makeToken(await becomeAdmin(rig), { scopes: ['phone_orders'] });
  const body = JSON.stringify({ amount: '349.00', currency: 'EUR', email: 'ann@example.com', number: '17' });
  const asked = request(`${rig.service.adminUrl}/api/stores/shop/phone-orders`, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${token}`,
      'content-type': 'application/json',
      'content-length': Buffer.byteLength(body),
      expect: '100-continue',
    },
  });
  const answered: Promise<[IncomingMessage]> = once(asked, 'response').then(([reply]) => [reply]);
  asked.write(body.slice(0, 10));
  await once(asked, 'continue');
  const stopped = rig.service.stop();
  asked.end(body.slice(10));
  const [reply] = await answered;
  expect([reply.statusCode, await text(reply)]).toEqual([200, expect.stringContaining('"outcome":"kept"')]);
  await stopped;
  await rig.close();
});
