// `tagbridge explain`: the file, line and expression behind every field, what was tried, and which test failed.
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Command } from '../../src/cli/command.ts';
import { explainFile } from '../../src/cli/explain.ts';
import { tryFiles } from '../../src/cli/try.ts';
import { contactLookup, THIN } from '../support/thin.ts';

const PLATFORM = `platform: lamps
title: Lamps
hook: { topic: topic }
split: records
events:
  purchase:
    topics: [paid]
    when: { status: [paid, shipped] }
    key: number
    fields:
      order_id: number
      event_time: at
      currency: currency
      total: total
      client_id: ga
      gclid:
        - first_click
        - last_click
      user_data.email_address: mail
      custom.note: note
      items: { each: lines, fields: { item_name: name, amount: sum } }
  refund:
    topics: [refunded]
    each: refunds
    key: id
    fields: { order_id: $record.number, event_time: at, currency: $record.currency, total: sum }
`;
const STORE = `store: shop
consent: { default: granted }
sources:
  lamps:
    platform: lamps
    secrets: [\${LAMP_SECRET}]
    events:
      purchase:
        set: { custom.team: nl }
        fields: { coupon: code }
destinations: {}
`;
const ORDER = {
  number: 'A7',
  at: '2026-01-15T12:00:00Z',
  currency: 'eur',
  total: '12.50',
  status: 'paid',
  last_click: 'Cj0K',
  mail: 'ann@example.com',
  lines: [
    { name: 'Lamp', sum: 10 },
    { name: 'Bulb', sum: 2.5 },
  ],
};

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tagbridge-explain-'));
  await mkdir(join(folder, 'stores'));
  await writeFile(join(folder, 'lamps.yaml'), PLATFORM);
  await writeFile(
    join(folder, 'thin.yaml'),
    JSON.stringify({ ...THIN, lookups: { contact: contactLookup('https://api.crm.example') } }),
  );
  await writeFile(join(folder, 'stores/shop.yaml'), STORE);
  const crm = { store: 'crm', sources: { crm: { platform: 'thin', secrets: ['x'] } }, destinations: {} };
  await writeFile(join(folder, 'stores/crm.yaml'), JSON.stringify(crm));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const run = (body: object, ...args: string[]): Promise<string> => runBy(explainFile, body, ...args);
async function runBy({ run: command }: Command, body: object, ...args: string[]): Promise<string> {
  const said: string[] = [];
  const out = (text: string) => void said.push(text);
  await writeFile(join(folder, 'body.json'), JSON.stringify(body));
  const where = args.includes('--store') ? [] : ['--store', 'shop', '--source', 'lamps'];
  const all = [join(folder, 'body.json'), ...where, '--at', '2026-01-15T13:00:00Z', ...args];
  expect(await command(all, { out, err: out, env: { MAPPINGS_DIR: folder, LAMP_SECRET: 'x' } })).toBe(0);
  return said.join('\n');
}
const paid = (over: object = {}) => ({ topic: 'paid', records: [{ ...ORDER, ...over }] });
const lineOf = (said: string, field: string) =>
  said
    .split('\n')
    .find((line) => line.trim().startsWith(field))
    ?.trim();

describe('a field', () => {
  test('has the place and the expression it came from, and what that read where the event says it in its own way', async () => {
    const said = await run(paid());
    expect(lineOf(said, 'order_id')).toBe('order_id = "A7"  lamps.yaml:11:17  number');
    expect(lineOf(said, 'total')).toBe('total = 12.5  lamps.yaml:14:14  total read "12.50"');
    expect(lineOf(said, 'currency')).toBe('currency = "EUR"  lamps.yaml:13:17  currency read "eur"');
  });
  test('of several expressions has the one that gave it', async () => {
    expect(lineOf(await run(paid()), 'gclid')).toBe('gclid = "Cj0K"  lamps.yaml:18:11  last_click');
  });
  test('of the store has its place in the store file', async () => {
    const said = await run(paid({ code: 'SPRING' }));
    expect(lineOf(said, 'coupon')).toBe('coupon = "SPRING"  stores/shop.yaml:10:27  code');
    expect(lineOf(said, 'custom.team')).toBe('custom.team = "nl"  stores/shop.yaml:9:29  set');
  });
  test('of an item stands by itself', async () => {
    const said = await run(paid());
    expect(lineOf(said, 'items[1].item_name')).toBe('items[1].item_name = "Bulb"  lamps.yaml:21:50  name');
    expect(lineOf(said, 'items[1].price')).toBe('items[1].price = 2.5  the amount of the line per piece');
  });
  test('that no expression gave says what it follows from', async () => {
    const said = await run(paid());
    expect(lineOf(said, 'value')).toBe(
      'value = 12.5  computed under the value policy of the store: without tax and shipping, unless value: in its file includes them',
    );
    expect(lineOf(said, 'transaction_id')).toBe('transaction_id = "A7"  the order id');
    expect(lineOf(said, 'event_id')).toBe('event_id = "A7"  the transaction id');
    expect(lineOf(said, 'consent.ad_storage')).toContain('the consent settings of the store');
  });
  test('without a value names what was tried, and what that gave', async () => {
    const said = await run(paid({ last_click: null, mail: 'nobody' }));
    expect(lineOf(said, 'client_id')).toBe('client_id: tried ga (lamps.yaml:15:18)');
    expect(lineOf(said, 'gclid')).toBe('gclid: tried first_click, then last_click (lamps.yaml:17:9)');
    expect(lineOf(said, 'user_data.email_address')).toBe(
      'user_data.email_address: tried mail gave *** (6 characters) (lamps.yaml:19:32); no such value as this field takes',
    );
  });
});

describe('personal data', () => {
  test('is masked, also in a field nobody would look for it in', async () => {
    const said = await run(paid({ note: 'call ann@example.com' }));
    expect(lineOf(said, 'user_data.email_address')).toContain('= *** (15 characters)');
    expect(lineOf(said, 'custom.note')).toContain('= *** (20 characters)');
    expect(said).not.toContain('example.com');
    expect(await run(paid({ note: 'call ann@example.com' }), '--json')).not.toContain('example.com');
  });
  test('is shown where it is asked for', async () => {
    expect(lineOf(await run(paid(), '--show-data'), 'user_data.email_address')).toContain('= "ann@example.com"');
    expect(await run(paid(), '--json', '--show-data')).toContain('ann@example.com');
  });
});

describe('a rule that makes nothing', () => {
  test('says which test failed with the value it saw', async () => {
    expect(await run(paid({ status: 'open' }))).toContain(
      'rule purchase (stores/shop.yaml:8:7) makes nothing: status is "open" (must be paid or shipped)',
    );
    expect(await run(paid({ status: undefined }))).toContain('makes nothing: status is missing');
  });
  test('says that the topic kept it out', async () => {
    expect(await run(paid())).toContain('rule refund (lamps.yaml:22:3) makes nothing: it does not take the topic paid');
  });
  test('says what a field lacked or which policy it met', async () => {
    expect(await run(paid({ total: 'much' }))).toContain('makes nothing: lamps.yaml:14:14 total: "much" is no amount');
    expect(await run(paid({ total: 0, lines: [] }))).toContain('its value is 0');
  });
  test('over no element says so', async () => {
    const refunded = { topic: 'refunded', records: [ORDER] };
    expect(await run(refunded)).toContain('rule refund (lamps.yaml:22:3) makes nothing: the record has no element');
  });
});

test('each element and each record is explained by itself', async () => {
  const refunds = [1, 2].map((id) => ({ id, at: ORDER.at, sum: id * 5 }));
  const said = await run({
    topic: 'refunded',
    records: [
      { ...ORDER, refunds },
      { ...ORDER, number: 'A8', refunds: [] },
    ],
  });
  expect(said.match(/makes refund, known as \S+/g)).toEqual([
    'makes refund, known as refund:1',
    'makes refund, known as refund:2',
  ]);
  expect(said.match(/total = \d+/g)).toEqual(['total = 5', 'total = 10']);
  expect(lineOf(said, 'event_id')).toMatch(/^event_id = "A7\.refund\.1" {2}the order id and what became of the order/);
  expect(said).toContain('over record 2 makes nothing');
});

test('--json has the same for programs', async () => {
  const { hook, rules } = JSON.parse(await run(paid(), '--json'));
  expect(hook).toEqual({ store: 'shop', source: 'lamps', platform: 'lamps', topic: 'paid', verdict: 'mapped' });
  const [{ rule, events }] = rules;
  expect(rule).toBe('purchase');
  expect(events[0].fields).toContainEqual({
    field: 'total',
    value: 12.5,
    at: 'lamps.yaml:14:14',
    expression: 'total',
    read: '12.50',
  });
  expect(events[0].empty).toContainEqual({
    field: 'client_id',
    at: 'lamps.yaml:15:18',
    tried: [{ text: 'ga', at: 'lamps.yaml:15:18' }],
  });
});

test('answers of look-ups are given by their names', async () => {
  const answers = join(folder, 'answers.json');
  await writeFile(answers, JSON.stringify({ contact: { properties: { gclid: 'Cj0K' } } }));
  const thin = { topic: 'contact.new', records: [{ id: 7 }] };
  const source = ['--store', 'crm', '--source', 'crm'];
  expect(await run(thin, ...source, '--answers', answers)).toContain('gclid = "Cj0K"');
  expect(await runBy(tryFiles, thin, ...source, '--answers', answers)).toContain('"gclid": "Cj0K"');
  await writeFile(answers, 'gclid: Cj0K');
  await expect(run(thin, ...source, '--answers', answers)).rejects.toThrow(
    /is no table of look-ups and their answers$/,
  );
  expect(await run(thin, ...source)).toContain('without the e-mail and the click id: the source has no api_token');
  expect(await runBy(tryFiles, thin, ...source)).not.toContain('gclid');
});
