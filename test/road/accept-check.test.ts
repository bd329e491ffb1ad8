// The check that a platform file adds to the proof of the sender, and the answer in the platform's words.
import { describe, expect, test } from 'vitest';
import { KEYED, load, receiver } from './accept-lamps.ts';

describe('the check of a platform file', () => {
  const soap = (organization: string, session = '00D!secret-session') =>
    `<e:Envelope xmlns:e="urn:e"><e:Body><notifications><OrganizationId>${organization}</OrganizationId><SessionId>${session}</SessionId><Notification><id>7</id></Notification></notifications></e:Body></e:Envelope>`;
  const ACK = '<Ack>true</Ack>';
  const crm = {
    accepts: ['text/xml', 'application/json'],
    settings: { organization_id: { required: true, help: 'the id of the organisation' } },
    verify: {
      scheme: 'query',
      check:
        '$exists(Envelope) ? $substring(Envelope.Body.notifications.OrganizationId, 0, 15) = $substring($settings.organization_id, 0, 15) : true',
    },
    strip: ['SessionId'],
    answer: [
      { when: { $content_type: 'text/xml' }, type: 'text/xml', body: ACK },
      { type: 'application/json', body: '{"got":true}' },
    ],
  };
  const source = { organization_id: '00D000000000001' };
  const xml = { 'content-type': 'text/xml; charset=utf-8' };

  test('S58 that does not hold keeps out, under the right secret too', async () => {
    const { send, kept, logged } = receiver(crm, { source });
    expect(await send({ url: KEYED, headers: xml, body: soap('00D000000000002AAA') })).toMatchObject({ status: 401 });
    expect(await send({ url: KEYED, headers: xml, body: '<e:Envelope><broken' })).toMatchObject({ status: 401 });
    expect(await send({ headers: xml, body: soap('00D000000000001') })).toMatchObject({ status: 401 });
    expect(kept).toEqual([]);
    expect(logged.join()).toContain('the check of the platform file does not hold');
    expect(logged.join()).not.toContain('secret-session');
  });
  test('S58 that holds lets in, and the session id is never kept or logged', async () => {
    const { send, bodies, logged } = receiver(crm, { source });
    expect(await send({ url: KEYED, headers: xml, body: soap('00D000000000001AAB') })).toEqual({
      status: 200,
      type: 'text/xml',
      body: ACK,
    });
    expect(bodies()).toEqual([soap('00D000000000001AAB', '')]);
    expect(logged.join()).not.toContain('secret-session');
  });
  test('S59 is answered in the platform’s words after the commit only, also when it comes again', async () => {
    const { send, bodies } = receiver(crm, { source });
    for (const _ of [1, 2])
      expect(await send({ url: KEYED, headers: xml, body: soap('00D000000000001') })).toEqual({
        status: 200,
        type: 'text/xml',
        body: ACK,
      });
    expect(bodies()).toHaveLength(1);
    expect(await send({ url: KEYED, body: '{"id":"7"}' })).toEqual({
      status: 200,
      type: 'application/json',
      body: '{"got":true}',
    });
    const down = receiver(crm, { source, keep: () => Promise.reject(new Error('disk full')) });
    expect(await down.send({ url: KEYED, headers: xml, body: soap('00D000000000001') })).toMatchObject({
      status: 503,
      retryAfter: 5,
    });
  });
  test('S52 with a DOCTYPE is refused before the commit', async () => {
    const { send, kept } = receiver({ ...crm, verify: { scheme: 'query' } }, { source });
    for (const doctype of [
      '<!DOCTYPE a>',
      '<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]>',
      '<?xml version="1.0"?> <!doctype a [<!ENTITY a "&a;&a;">]>',
    ]) {
      expect(await send({ url: KEYED, headers: xml, body: `${doctype}<a>&x;</a>` })).toMatchObject({ status: 400 });
    }
    expect(kept).toEqual([]);
  });
  test('sees headers, query and store, and what cannot be computed does not hold', async () => {
    const status = async (check: string) =>
      (
        await receiver({ verify: { scheme: 'query', check } }).send({
          url: `${KEYED}&account=9`,
          headers: { 'x-account': '9' },
          body: '{"account":"9"}',
        })
      ).status;
    expect(
      await status(
        '$headers."x-account" = account and $query.account = account and $store = "shop" and $method = "POST"',
      ),
    ).toBe(200);
    expect(await status('account = "8"')).toBe(401);
    expect(await status('account')).toBe(401);
    expect(await status('$sum(account) > 0')).toBe(401);
    expect(await status('missing')).toBe(401);
  });
  test('is compiled when the file is loaded, with its mistakes at their place', () => {
    expect(
      load({ verify: [{ scheme: 'query' }, { scheme: 'bearer', check: 'account = $acount' }] }).problems.join(),
    ).toMatch(/lamps\.yaml:\d+:\d+ UNKNOWN_/);
  });
});
