// `tagbridge import phone-orders`: a file into a running bridge, what is said of it, and the same file again.
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openSqlite } from '../../src/keep/sqlite/sqlite.ts';
import { runHere } from '../support/cli.ts';
import { eventually, type Rig, SECRETS, startRig, writeMappings } from '../support/service.ts';

const today = new Date().toISOString().slice(0, 10);
const HEAD = 'Bestelnummer;Datum;Telefoonnummer;Bedrag;Valuta;Klantcode\n';
const line = (number: number, amount = '12,50') => `${number};${today};0612345678;${amount};EUR;K${number}\n`;
const GOOD = HEAD + line(7001) + line(7002, '1.234,50');

/** Runs the command on a file with this text. */
async function importText(folder: string, text: string, ...args: string[]) {
  const path = join(folder, 'orders.csv');
  await writeFile(path, text);
  const env = { ...SECRETS, DATA_DIR: join(folder, 'data'), MAPPINGS_DIR: join(folder, 'mappings') };
  return runHere(['import', 'phone-orders', path, '--store', 'shop', ...args], env);
}

describe('beside a running bridge', () => {
  let rig: Rig;
  beforeAll(async () => {
    rig = await startRig();
  });
  afterAll(() => rig.close());
  const run = (text: string, ...args: string[]) => importText(rig.folder, text, ...args);
  const sent = (text: string) =>
    rig.standins.received.filter(
      ({ destination, body }) => destination === 'ga4' && JSON.stringify(body).includes(text),
    );

  test('a dry run says how the file is read and what would be imported, and keeps nothing', async () => {
    const { code, out } = await run(GOOD, '--dry-run');
    expect(out).toContain('read as UTF-8, cells between semicolons');
    expect(out).toContain('“Bedrag” is read as: Amount');
    expect(out).toContain('not read: “Klantcode”');
    expect(out).toMatch(/line 3: 7002, 1234.50 EUR, .*, \*\*\* \(12 characters\)/);
    expect(out).toContain('2 orders would be imported, 0 lines refused');
    expect(out).not.toContain('12345678');
    expect([code, sent('"7001"')]).toEqual([0, []]);
  });

  test('orders are sent, and once only when the file is imported again', async () => {
    const { code, out } = await run(GOOD);
    expect([code, out.split('\n').at(-2)]).toEqual([0, '2 orders imported, 0 lines refused']);
    await eventually(() => sent('"7002"').length === 1, 'the orders are sent');
    expect(sent('"7002"')[0]?.body).toMatchObject({ events: [{ name: 'purchase', params: { value: 1234.5 } }] });
    const again = await run(`${GOOD}${line(7003)}`);
    expect(again.out).toContain('1 order imported, 2 had been imported before, 0 lines refused');
    await eventually(() => sent('"7003"').length === 1, 'the new one is sent');
    expect([sent('"7001"').length, sent('"7002"').length]).toEqual([1, 1]);
  });

  test('mistakes are named by line and column, and end with status 1', async () => {
    const { code, out } = await run(`${GOOD}7004;20-11-2026;0612345678;x;EUR;\n`);
    expect(out).toContain('line 4, Bedrag: is no amount');
    expect(out).toContain('line 4, Datum: has day and month in an order nobody chose');
    expect([code, out.includes('2 had been imported before, 1 line refused')]).toEqual([1, true]);
  });

  test.each([
    [
      'a column nobody knows',
      'Phone,Due\n',
      [],
      /no column is known to be the amount.*columns of the file: “Phone”, “Due”/s,
    ],
    ['a column that is not there', GOOD, ['--column', 'amount=Due'], /there is no column “Due”/],
    ['a field that is not there', GOOD, ['--column', 'sum=Bedrag'], /names no field/],
    ['an order of dates nobody knows', GOOD, ['--dates', 'year-month'], /neither day-month nor month-day/],
    ['a zone nobody knows', GOOD, ['--zone', 'Mars/Base'], /no time zone/],
  ])('%s is refused with what to do', async (_, text, args, words) => {
    const { code, err } = await run(text, ...args);
    expect([code, err]).toEqual([78, expect.stringMatching(words)]);
  });

  test('columns can be chosen, and dates, zone and decimal mark', async () => {
    const chosen = ['--column', 'amount=Due', '--column', 'phone=Called', '--decimal', 'comma', '--dates', 'day-month'];
    const text = 'Called;Due;Date\n+31612345678;1.234;20-11-2026 14:30\n';
    const { out } = await run(text, ...chosen, '--column', 'currency=', '--dry-run', '--zone', 'Europe/Amsterdam');
    expect(out).toContain('line 2, currency: is missing, and the store has none of its own');
  });
});

test('10,000 lines with one bad in a hundred: every bad one is named, and a second run keeps nothing more', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'tagbridge-import-'));
  try {
    await writeMappings(folder, { store: 'shop', country: 'NL', sources: {}, destinations: {} });
    await mkdir(join(folder, 'data'));
    const path = join(folder, 'data/tagbridge.db');
    await (await openSqlite({ path })).close();
    const numbers = Array.from({ length: 10_000 }, (_, index) => index + 1);
    const text = HEAD + numbers.map((number) => line(number, number % 100 === 50 ? 'free' : '12,50')).join('');
    const kept = () => {
      const db = new DatabaseSync(path, { readOnly: true });
      try {
        return db.prepare('select count(*) as hooks from hooks').get()?.hooks;
      } finally {
        db.close();
      }
    };
    const first = await importText(folder, text);
    expect(first.out).toContain('9,900 orders imported, 100 lines refused');
    const named = [...first.out.matchAll(/^line (\d+), Bedrag: /gm)].map(([, number]) => Number(number));
    expect(named).toEqual(numbers.filter((number) => number % 100 === 50).map((number) => number + 1));
    expect(kept()).toBe(9_900);
    const second = await importText(folder, text);
    expect(second.out).toContain('0 orders imported, 9,900 had been imported before, 100 lines refused');
    expect(kept()).toBe(9_900);
  } finally {
    await rm(folder, { recursive: true });
  }
}, 120_000);
