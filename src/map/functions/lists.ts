// Functions over lists and tables: attributes by name, the first of several values, the amounts of price sets.
import { isSaid } from '../../lib/said.ts';
import { isTable, type Table, tableOf } from '../../lib/table.ts';
import type { FunctionTable } from './functions.ts';

/** Values by their names, of pairs and of fields of tables; of two with one name the first counts. */
type Attributes = ReadonlyMap<string, unknown>;
const attributes = new WeakMap<object, Attributes>();

/** A mapping asks for many attributes of one list, one after the other. */
function attributesOf(list: unknown): Attributes | undefined {
  if (typeof list !== 'object' || list === null) return undefined;
  const known = attributes.get(list);
  if (known !== undefined) return known;
  const found = new Map<string, unknown>();
  const add = (name: string, value: unknown) => {
    if (isSaid(value) && !found.has(name)) found.set(name, value);
  };
  for (const item of [list].flat()) {
    if (!isTable(item)) continue;
    const name = item.name ?? item.key ?? item.attribute_code;
    if (typeof name === 'string') add(name, item.value);
    for (const [own, value] of Object.entries(item)) add(own, value);
  }
  attributes.set(list, found);
  return found;
}

function attribute(list: unknown, name: unknown): unknown {
  return typeof name === 'string' ? attributesOf(list)?.get(name) : undefined;
}

/** Names without the prefix, with their values. */
export function attributesWithPrefix(list: unknown, prefix: unknown): [string, unknown][] {
  if (typeof prefix !== 'string') return [];
  const found: [string, unknown][] = [];
  for (const [name, value] of attributesOf(list) ?? [])
    if (name.startsWith(prefix)) found.push([name.slice(prefix.length), value]);
  return found;
}

function attributeWithPrefix(list: unknown, prefix: unknown): unknown {
  const found = attributesWithPrefix(list, prefix).map(([, value]) => value);
  return found.length > 1 ? found : found[0];
}

/** `GA_Client_ID__c`, `ga client id` and `_gaClientId` are one name: many systems add marks of their own. */
const bareName = (name: string) =>
  name
    .replace(/__c$/, '')
    .replace(/[^\p{L}\p{N}]/gu, '')
    .toLowerCase();

const bareNames = new WeakMap<Table, Map<string, unknown>>();

/** The values that are texts, numbers or booleans by their bare names; of two that are one name the first counts. */
function byBareName(table: Table): Map<string, unknown> {
  const known = bareNames.get(table);
  if (known !== undefined) return known;
  const values = new Map<string, unknown>();
  for (const [name, value] of Object.entries(table)) {
    const bare = bareName(name);
    if (typeof value !== 'object' && isSaid(value) && !values.has(bare)) values.set(bare, value);
  }
  bareNames.set(table, values);
  return values;
}

function named(table: unknown, names: unknown): unknown {
  if (!isTable(table)) return undefined;
  const values = byBareName(table);
  for (const name of [names].flat()) {
    const value = typeof name === 'string' ? values.get(bareName(name)) : undefined;
    if (value !== undefined) return value;
  }
  return undefined;
}

/** `{ value: x }` to x, in every field; one whose value is null or empty came without it. */
function values(table: unknown): Table | undefined {
  if (!isTable(table)) return undefined;
  const plain = Object.entries(table).flatMap(([name, given]): [string, unknown][] => {
    const value = isTable(given) ? given.value : given;
    return value === undefined || name === '__proto__' ? [] : [[name, value]];
  });
  return plain.length === 0 ? undefined : Object.fromEntries(plain);
}

/** The shop's and the buyer's amount of a price set. */
const moneyOf = (set: unknown): { shop: Table; presentment: Table } => {
  const { shop_money, presentment_money } = tableOf(set);
  return { shop: tableOf(shop_money), presentment: tableOf(presentment_money) };
};

function amount(set: unknown, plain: unknown, side: unknown): unknown {
  const { shop, presentment } = moneyOf(set);
  if (side === 'shop') return shop.amount ?? plain;
  if (side === 'presentment') return presentment.amount;
  if (typeof side !== 'string') return undefined;
  const found = [shop, presentment].find(({ currency_code }) => currency_code === side);
  return isTable(set) ? found?.amount : plain;
}

const NOTES = {
  notes: [
    { name: '_ga', value: 'GA1.1.11.22' },
    { name: '_ga_AB12', value: 'GS1.1.33.1' },
  ],
};
const META = { meta_data: [{ id: 1, key: 'gclid', value: 'Cj0K' }] };
const LEAD = { Id: '00Q1', GCLID__c: 'Cj0K', 'GA Client ID': '11.22' };
const SET = {
  shop_money: { amount: '10.00', currency_code: 'EUR' },
  presentment_money: { amount: '11.20', currency_code: 'USD' },
};

export const LIST_FUNCTIONS: FunctionTable = {
  attr: {
    args: 'list, name',
    help: 'The value of an attribute by its exact name. The list holds name/value, key/value or attribute_code/value pairs, or is an object of names and values, or several of those.',
    examples: [
      { expr: "$attr(notes, '_ga')", input: NOTES, result: 'GA1.1.11.22' },
      { expr: "$attr(meta_data, 'gclid')", input: META, result: 'Cj0K' },
      { expr: "$attr(metadata, 'gclid')", input: { metadata: { gclid: 'Cj0K' } }, result: 'Cj0K' },
      {
        expr: "$attr($append(invoice.metadata, metadata), 'gclid')",
        input: { invoice: { metadata: { note: 'x' } }, metadata: { gclid: 'Cj0K' } },
        result: 'Cj0K',
      },
      { expr: "$attr(notes, 'fbclid')", input: NOTES, why: 'no such attribute' },
      {
        expr: "$attr(notes, 'gclid')",
        input: { notes: [{ name: 'gclid', value: 'undefined' }] },
        why: 'a script wrote that it found none',
      },
    ],
    fn: attribute,
  },
  attr_prefix: {
    args: 'list, prefix',
    help: 'The value of the attribute whose name begins with the prefix, for names with a changing end; of several a list.',
    examples: [
      {
        expr: "$attr_prefix(notes, '_ga_')",
        input: NOTES,
        result: 'GS1.1.33.1',
        why: 'the cookie is named after the stream',
      },
      {
        expr: "$attr_prefix(notes, '_ga')",
        input: NOTES,
        result: ['GA1.1.11.22', 'GS1.1.33.1'],
      },
      { expr: "$attr_prefix(notes, '_gcl')", input: NOTES },
    ],
    fn: attributeWithPrefix,
  },
  named: {
    args: 'table, names',
    help: 'The value of a field by its name, or of the first of several names that has one. Capitals, spaces, marks and an __c at the end do not count.',
    examples: [
      { expr: "$named(lead, 'gclid')", input: { lead: LEAD }, result: 'Cj0K' },
      { expr: "$named(lead, ['_ga', 'ga_client_id'])", input: { lead: LEAD }, result: '11.22' },
      { expr: "$named(lead, 'fbclid')", input: { lead: LEAD } },
    ],
    fn: named,
  },
  values: {
    args: 'table',
    help: 'A table whose fields are tables with a value, as a plain table of names and values. Fields that are plain already stay, other tables do not.',
    examples: [
      {
        expr: '$values(properties).email',
        input: { properties: { email: { value: 'jane@example.com', source: 'FORM' }, city: 'Ghent' } },
        result: 'jane@example.com',
      },
      { expr: '$values(properties)', input: { properties: { city: 'Ghent' } }, result: { city: 'Ghent' } },
      { expr: '$values(properties)', input: {} },
    ],
    fn: values,
  },
  first: {
    args: 'list',
    help: 'The first of several values, or the value itself. Unlike a.b[0], which takes the first b of every a.',
    examples: [
      { expr: '$first(items.sku)', input: { items: [{ sku: 'A' }, { sku: 'B' }] }, result: 'A' },
      { expr: '$first(items.sku)', input: { items: [{ sku: 'A' }] }, result: 'A' },
      { expr: '$first(items.sku)', input: { items: [] } },
    ],
    fn: (list) => (Array.isArray(list) ? list[0] : list),
  },
  amount: {
    args: 'set, plain, side',
    help: 'One side of a price set: shop, presentment, or the one in a currency such as EUR. The plain amount stands in for a missing shop side, and for a set that is not there at all where a currency is asked for; never for the other side.',
    examples: [
      { expr: "$amount(price_set, price, 'shop')", input: { price_set: SET, price: '10.00' }, result: '10.00' },
      { expr: "$amount(price_set, price, 'presentment')", input: { price_set: SET, price: '10.00' }, result: '11.20' },
      { expr: "$amount(price_set, price, 'USD')", input: { price_set: SET, price: '10.00' }, result: '11.20' },
      { expr: "$amount(price_set, price, 'shop')", input: { price: '10.00' }, result: '10.00' },
      {
        expr: "$amount(price_set, price, 'presentment')",
        input: { price: '10.00' },
        why: 'currencies are never mixed',
      },
      {
        expr: "$amount(price_set, price, 'GBP')",
        input: { price_set: SET, price: '10.00' },
        why: 'neither side is in GBP',
      },
    ],
    fn: amount,
  },
};
