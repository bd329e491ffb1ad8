// Stand-ins for the APIs in which payment providers, CRMs and Magento list what was changed, each with its own times, pages and form.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parse } from 'yaml';
import { z } from 'zod';
import { startReceiver } from './deliver-receiver.ts';
import type { ShopApi } from './listing.ts';
import { MAPPINGS } from './stores.ts';

type Json = Record<string, unknown>;
/** What was asked for: a stretch in milliseconds, which record comes first, and how many. */
type Question = { since: number; until: number; start: number | ((listed: readonly Json[]) => number); size: number };
type List = {
  /** Where it is asked for, and which of the API's records are in it. */
  path: string;
  belongs: (record: Json) => boolean;
  changed: (record: Json) => number;
  asked: (query: URLSearchParams, body: string) => Question;
  /** Undefined where the API says that it has no content. */
  answer: (page: readonly Json[], end: { next: number; total: number }) => Json | readonly Json[] | undefined;
};
export type ListApi = {
  allowed: (headers: Record<string, unknown>) => boolean;
  lists: List[];
  /** What it answers about a single record. */
  recordAt?: (path: string) => Json | readonly Json[] | undefined;
};

const second = (ms: number): number => Math.floor(ms / 1_000) * 1_000;
export const recordOf = (text: string): Json => JSON.parse(text);

export async function startListApi({ allowed, lists, recordAt }: ListApi): Promise<ShopApi> {
  const receiver = await startReceiver((received, response) => {
    const { instead } = api;
    api.instead = undefined;
    if (instead !== undefined) return instead(received, response);
    if (!allowed(received.headers)) return void response.writeHead(401).end('{}');
    const { pathname, searchParams } = new URL(received.url, receiver.url);
    const answer = (status: number, body: Json | readonly Json[] | undefined) =>
      body === undefined
        ? void response.writeHead(204).end()
        : void response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
    const known = recordAt?.(pathname);
    if (known !== undefined) return answer(200, known);
    const list = lists.find(({ path }) => path === pathname);
    if (list === undefined) return answer(404, {});
    const all = api.records.map(recordOf).filter(list.belongs);
    const { since, until, ...paging } = list.asked(searchParams, received.body);
    const isIn = (record: Json) => second(list.changed(record)) >= since && second(list.changed(record)) <= until;
    const listed = all.filter((record) => api.isOld || isIn(record));
    const size = paging.size;
    const start = typeof paging.start === 'number' ? paging.start : paging.start(listed);
    const page = listed.slice(start, start + size);
    return answer(200, list.answer(page, { next: start + page.length, total: listed.length }));
  });
  const api: ShopApi = Object.assign(receiver, { records: [], instead: undefined, isOld: false });
  return api;
}

/** What a source says to ask the stand-in what its platform file asks the vendor. */
export async function listedAt(platform: string, { url }: ShopApi) {
  const { reconcile, lookups } = parse(await readFile(join(MAPPINGS, `${platform}.yaml`), 'utf8'));
  const here = (asked: Record<string, { url: string }> = {}) =>
    Object.fromEntries(
      Object.entries(asked).map(([name, one]) => [
        name,
        { url: one.url.replace(/^https:\/\/(\{[^}]*\}|[^/{])+/, url), rate: '1000/s' },
      ]),
    );
  return { reconcile: here(reconcile), ...(lookups !== undefined && { lookups: here(lookups) }) };
}

const bearer = (headers: Record<string, unknown>) => headers.authorization === 'Bearer token-of-the-api';

/** Times in UTC without a zone, pages by number; a page behind the last is the last again. */
const magentoList = (path: string, belongs: List['belongs']): List => {
  const value = (query: URLSearchParams, group: number) =>
    query.get(`searchCriteria[filter_groups][${group}][filters][0][value]`) ?? '';
  return {
    path,
    belongs,
    changed: ({ updated_at }) => Date.parse(`${updated_at}Z`),
    asked: (query) => {
      const size = Number(query.get('searchCriteria[pageSize]'));
      const [since = 0, until = 0] = [0, 1].map((group) => Date.parse(`${value(query, group)}Z`));
      return { since, until, start: (Number(query.get('searchCriteria[currentPage]')) - 1) * size, size };
    },
    answer: (items, { total }) => ({ items, search_criteria: { filter_groups: [] }, total_count: total }),
  };
};
/** Times in seconds, newest first, pages by the last id. */
export const STRIPE: ListApi = {
  allowed: bearer,
  lists: [
    {
      path: '/v1/events',
      belongs: () => true,
      changed: ({ created }) => Number(created) * 1_000,
      asked: (query) => {
        const [since = 0, until = 0] = ['gte', 'lte'].map((end) => Number(query.get(`created[${end}]`)) * 1_000);
        const start = (listed: readonly Json[]) => listed.findIndex(({ id }) => id === query.get('starting_after')) + 1;
        return { since, until, start, size: Number(query.get('limit')) };
      },
      answer: (data, { next, total }) => ({ object: 'list', url: '/v1/events', has_more: next < total, data }),
    },
  ],
};
/** Borders with their zone, oldest first, pages by a cursor. */
const squareList = (name: 'payments' | 'refunds'): List => ({
  path: `/v2/${name}`,
  belongs: ({ payment_id }) => (payment_id === undefined) === (name === 'payments'),
  changed: ({ updated_at }) => Date.parse(String(updated_at)),
  asked: (query) => {
    const [since = 0, until = 0] = ['begin', 'end'].map((end) => Date.parse(query.get(`updated_at_${end}_time`) ?? ''));
    const start = Number(atob(query.get('cursor') ?? btoa('0')));
    return { since, until, start, size: 100 };
  },
  answer: (page, { next, total }) =>
    total === 0 ? {} : { [name]: page, ...(next < total && { cursor: btoa(String(next)) }) },
});
export const SQUARE: ListApi = { allowed: bearer, lists: [squareList('payments'), squareList('refunds')] };

/** The second border is left out, pages by a cursor. */
export const PIPEDRIVE: ListApi = {
  allowed: (headers) => headers['x-api-token'] === 'token-of-the-api',
  recordAt: (path) =>
    path === '/api/v2/persons/77'
      ? { data: { id: 77, emails: [{ value: 'mila@example.com', primary: true }] } }
      : undefined,
  lists: [
    {
      path: '/api/v2/deals',
      belongs: () => true,
      changed: ({ update_time }) => Date.parse(String(update_time)),
      asked: (query) => {
        const [since = 0, until = 0] = ['since', 'until'].map((end) => Date.parse(query.get(`updated_${end}`) ?? ''));
        const start = Number(atob(query.get('cursor') ?? btoa('0')));
        return { since, until: until - 1_000, start, size: Number(query.get('limit')) };
      },
      answer: (data, { next, total }) => ({
        success: true,
        data,
        additional_data: { next_cursor: next < total ? btoa(String(next)) : null },
      }),
    },
  ],
};

const hubspotFilters = z.object({
  filterGroups: z.array(
    z.object({ filters: z.array(z.object({ propertyName: z.literal('hs_lastmodifieddate'), value: z.string() })) }),
  ),
  limit: z.number(),
  after: z.string(),
});
/** Asked by a body, with times in milliseconds; pages by the place of their first record. Of a thousand deals those from 920 on are not closed. */
export const HUBSPOT: ListApi = {
  allowed: bearer,
  recordAt: (path) => {
    if (path === '/crm/v3/objects/contacts/31') return { id: '31', properties: { email: 'mila@example.com' } };
    const [, id] = /^\/crm\/v3\/objects\/deals\/(\d+)$/.exec(path) ?? [];
    if (id === undefined) return undefined;
    const isWon = Number(id) % 1_000 < 920;
    const properties = {
      hs_is_closed_won: String(isWon),
      dealstage: isWon ? '5678' : 'qualifiedtobuy',
      amount: '36.3',
      deal_currency_code: 'EUR',
    };
    return { id, properties, associations: { contacts: { results: [{ id: '31' }] } } };
  },
  lists: [
    {
      path: '/crm/v3/objects/deals/search',
      belongs: () => true,
      changed: ({ updatedAt }) => Date.parse(String(updatedAt)),
      asked: (_, body) => {
        const { filterGroups, limit, after } = hubspotFilters.parse(JSON.parse(body));
        const [since = 0, until = 0] = filterGroups.flatMap(({ filters }) => filters.map(({ value }) => Number(value)));
        return { since, until, start: Number(after), size: limit };
      },
      answer: (results, { next, total }) => ({
        total,
        results,
        ...(next < total && { paging: { next: { after: String(next) } } }),
      }),
    },
  ],
};

export const MAGENTO: ListApi = {
  allowed: bearer,
  lists: [
    magentoList('/rest/V1/orders', ({ order_id }) => order_id === undefined),
    magentoList('/rest/V1/creditmemos', ({ order_id }) => order_id !== undefined),
  ],
};

const BIGCOMMERCE_SHOP = '/stores/lampsx1';
/** Borders with their zone, dates as mails write them; a page on which nothing is has no content. */
const bigcommerceList = (path: string, given: Pick<List, 'belongs' | 'changed' | 'answer'>, border: string): List => ({
  path: `${BIGCOMMERCE_SHOP}${path}`,
  ...given,
  asked: (query) => {
    const [since = 0, until = 0] = ['min', 'max'].map((end) => Date.parse(query.get(border.replace('*', end)) ?? ''));
    const size = Number(query.get('limit'));
    return { since, until, start: (Number(query.get('page')) - 1) * size, size };
  },
});
/** `records` are what it answers about single orders, by the path behind the shop. */
export const bigcommerceApi = (records: ReadonlyMap<string, Json | readonly Json[]>): ListApi => ({
  allowed: (headers) => headers['x-auth-token'] === 'token-of-the-api',
  recordAt: (path) => records.get(path.replace(BIGCOMMERCE_SHOP, '')),
  lists: [
    bigcommerceList(
      '/v2/orders',
      {
        belongs: ({ order_id }) => order_id === undefined,
        changed: ({ date_modified }) => Date.parse(String(date_modified)),
        answer: (page) => (page.length === 0 ? undefined : page),
      },
      '*_date_modified',
    ),
    bigcommerceList(
      '/v3/orders/payment_actions/refunds',
      {
        belongs: ({ order_id }) => order_id !== undefined,
        changed: ({ created }) => Date.parse(String(created)),
        answer: (data) => ({ data, meta: {} }),
      },
      'created:*',
    ),
  ],
});
