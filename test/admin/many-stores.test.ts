// The pages of an agency with more shops than there is room for links: one is chosen from a list, and long lists are folded.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Browser, becomeAdmin } from '../support/browser.ts';
import { fromShopify, lampOrder, post } from '../support/hooks.ts';
import { eventually, placeMapping, type Rig, startRig, storeFile, writeMapping } from '../support/service.ts';
import { untilFound } from '../support/shop.ts';

const MORE = 14;
const nameOf = (n: number) => `branch-${String(n).padStart(2, '0')}`;
let rig: Rig;
let admin: Browser;

beforeAll(async () => {
  rig = await startRig();
  admin = await becomeAdmin(rig);
  const { sources, destinations, ...rest } = storeFile(rig.standins);
  const fileOf = (n: number) => {
    const own = {
      ...destinations,
      ga4: { ...destinations.ga4, measurement_id: `G-BRANCH${String(n).padStart(4, '0')}` },
    };
    const desk = { platform: 'phone' };
    const places = { sources: { ...sources, desk }, destinations: own, visits: { origins: ['https://lamps.example'] } };
    return JSON.stringify({ ...rest, store: nameOf(n), title: `Branch ${n}`, ...places });
  };
  for (let n = 1; n < MORE; n++) await placeMapping(rig.folder, `stores/${nameOf(n)}.yaml`, fileOf(n));
  await writeMapping(rig, `stores/${nameOf(MORE)}.yaml`, fileOf(MORE));
  await post(rig.service.url, { ...fromShopify(lampOrder(7001)), path: `/hooks/${nameOf(9)}/shopify` });
  await untilFound(admin, '7001');
});
afterAll(() => rig.close());

const textOf = async (path: string) => (await admin.get(path)).text;
/** What stands before the part that has to be opened. */
const unfolded = (text: string, id: string) => text.slice(0, text.indexOf(`<details id="more-${id}">`));
const countOf = (text: string, what: string) => text.split(what).length - 1;

describe('with more stores than links have room for', () => {
  test('the overview lets one be chosen from a list, and tells each in one line', async () => {
    await eventually(async () => (await textOf('/')).includes(nameOf(MORE)), 'all stores are there');
    const text = await textOf('/');
    expect(text).not.toContain('<nav aria-label="Stores"');
    expect(text).toContain(`<option value="${nameOf(3)}">${nameOf(3)}</option>`);
    expect(text).toContain('<h2 id="where">Stores</h2>');
    expect(countOf(text, `href="/?store=${nameOf(3)}"`)).toBe(1);
    expect(text).not.toContain('Deliveries by destination');
  });
  test('the overview of one of them tells its destinations', async () => {
    const text = await textOf(`/?store=${nameOf(3)}`);
    expect(text).toContain('Deliveries by destination');
    expect(text).toContain(`<option value="${nameOf(3)}" selected>`);
    expect(text).not.toContain(`>${nameOf(4)}/<strong>`);
  });
  test('an empty choice on the overview is all of them', async () => {
    expect(await textOf('/?store=')).toContain('<h2 id="where">Stores</h2>');
  });
  test('what is wrong is told 20 at once, and the others are opened', async () => {
    await eventually(
      async () => (await textOf('/')).includes('<details id="more-wrong">'),
      'all is known to be silent',
    );
    const text = await textOf('/');
    expect(countOf(unfolded(text, 'wrong'), 'no hook ever came')).toBe(20);
    expect(text).toMatch(/<summary>\d+ more<\/summary>/);
  });
  test('sources and destinations can be those of one store', async () => {
    const sources = await textOf(`/sources?store=${nameOf(3)}`);
    expect(sources).toContain(`${nameOf(3)}/shopify`);
    expect(sources).not.toContain(`${nameOf(4)}/shopify`);
    const destinations = await textOf(`/destinations?store=${nameOf(3)}`);
    expect(destinations).toContain('G-BRANCH0003');
    expect(destinations).not.toContain('G-BRANCH0004');
  });
  test('all sources are told 20 at once', async () => {
    expect(countOf(unfolded(await textOf('/sources'), 'sources'), '<section class="card">')).toBe(20);
  });
  test('a phone order is entered for a store that is named, and the others are opened', async () => {
    const text = await textOf(`/phone?store=${nameOf(5)}`);
    expect(text).toContain('<details class="tabs"><summary>Of <strong>Branch 5</strong>; another store…</summary>');
    expect(text).toContain(`<a href="/phone?store=${nameOf(6)}">Branch 6</a>`);
  });
  test('the match report tells the stores that had orders, and names the others', async () => {
    const text = await textOf('/match');
    expect(text).toContain(`<section aria-label="${nameOf(9)}">`);
    expect(text).not.toContain(`<section aria-label="${nameOf(3)}">`);
    expect(text).toContain(`<a href="/match?store=${nameOf(3)}&amp;days=`);
  });
  test('what is watched begins with what is not as usual', async () => {
    const watched = unfolded(await textOf('/alerts'), 'watched');
    expect(countOf(watched.slice(watched.indexOf('What is watched')), 'worth a look')).toBe(20);
  });
});
