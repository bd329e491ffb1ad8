// Which of several hooks stands for an event that they all tell of, where hooks are mapped again.
import { describe, expect, test } from 'vitest';
import type { Known } from '../../src/map/asking/lookup.ts';
import { mapHook } from '../../src/map/map.ts';
import { candidatesOf, type Mapped } from '../../src/pages/diffing.ts';
import { digestMapped } from '../../src/road/digest.ts';
import { contactLookup, loadThin, NOW, thinHook } from '../support/thin.ts';

const ASKED = { lookups: { contact: contactLookup('https://crm.example', { for: { generate_lead: '$string(id)' } }) } };
const store = loadThin(ASKED).stores.get('shop');
const source = store?.sources.get('crm');

async function again(id: string, known: Known, lacksAnswers: boolean): Promise<Mapped> {
  if (store === undefined || source === undefined) throw new Error('the store is not there');
  const hook = { ...thinHook(7), id, store: 'shop', source: 'crm' };
  const planned = await digestMapped(await mapHook(source, hook, known), store, new Map(), { now: NOW, age: 0 });
  return { hook, planned, lacksAnswers };
}
const answered = (id: string) => again(id, () => ({ answer: { properties: { gclid: 'Cj0K' } } }), false);
const needless = (id: string) => again(id, () => ({ needless: true }), true);
const madeBy = async (id: string) => {
  const [one] = (await answered(id)).planned.events;
  return one === undefined ? [] : [{ hook_id: id, keys: [one.key], event: one.event }];
};

describe('of two hooks that tell of one lead', () => {
  test('the one with all answers stands for it: nobody was asked for the other once the lead was there', async () => {
    const all = [await needless('first'), await answered('second')];
    const [one, ...others] = candidatesOf(all, await madeBy('second'));
    expect([one?.hook.id, one?.event.gclid, others]).toEqual(['second', 'Cj0K', []]);
  });

  test('the one that made it stands for it, though nobody answered', async () => {
    const all = [await needless('first'), await answered('second')];
    expect(candidatesOf(all, await madeBy('first')).map(({ hook }) => hook.id)).toEqual(['first']);
  });

  test('the first stands for it where both were answered, whichever made it', async () => {
    const all = [await answered('first'), await answered('second')];
    expect(candidatesOf(all, await madeBy('second')).map(({ hook }) => hook.id)).toEqual(['first']);
  });
});
