// A stand-in for the API in which a shop lists its orders: pages, credentials and whatever goes wrong there.
import type { ServerResponse } from 'node:http';
import { type Received, type Receiver, startReceiver } from './deliver-receiver.ts';

export type ShopApi = Receiver & {
  /** Texts of records as the shop lists them. */
  records: string[];
  /** In place of the next answer. */
  instead: ((received: Received, response: ServerResponse) => void) | undefined;
  /** It lists everything, whenever it was changed. */
  isOld: boolean;
};
type Way = {
  size: number;
  allowed: (received: Received) => boolean;
  /** The parameters by which it is asked for what was changed, and whether both borders are in it. */
  since: string;
  until: string;
  inclusive: boolean;
  changed: (record: Record<string, unknown>) => number;
  answer: (texts: string[], page: Paging) => Given;
};
type Paging = { page: number; pages: number; origin: string; query: URLSearchParams };
type Given = { body: string; headers: Record<string, string> };

const queryOf = ({ url }: Received): URLSearchParams => new URL(url, 'http://shop').searchParams;

async function startApi({ size, allowed, since, until, inclusive, changed, answer }: Way): Promise<ShopApi> {
  const at = (query: URLSearchParams, name: string) => Date.parse(`${query.get(name)?.replace('Z', '')}Z`);
  const isIn = (text: string, query: URLSearchParams): boolean => {
    // By whole seconds, as shops know them.
    const second = Math.floor(changed(JSON.parse(text)) / 1_000) * 1_000;
    if (second === at(query, since) || second === at(query, until)) return inclusive;
    return !(second < at(query, since) || second > at(query, until));
  };
  const receiver = await startReceiver((received, response) => {
    const { instead } = api;
    api.instead = undefined;
    if (instead !== undefined) return instead(received, response);
    if (!allowed(received)) return void response.writeHead(401).end('{}');
    const query = queryOf(received);
    const page = Number(query.get('page') ?? 1);
    const listed = api.records.filter((text) => api.isOld || isIn(text, query));
    const pages = Math.max(1, Math.ceil(listed.length / size));
    const texts = listed.slice((page - 1) * size, page * size);
    const { body, headers } = answer(texts, { page, pages, origin: receiver.url, query });
    response.writeHead(200, { 'content-type': 'application/json', ...headers }).end(body);
  });
  const api: ShopApi = Object.assign(receiver, { records: [], instead: undefined, isOld: false });
  return api;
}

/** Pages by a link that carries on what was asked for. */
export const startShopifyApi = (size: number): Promise<ShopApi> =>
  startApi({
    size,
    allowed: ({ headers }) => headers['x-shopify-access-token'] === 'token-of-the-shop',
    since: 'updated_at_min',
    until: 'updated_at_max',
    inclusive: true,
    changed: ({ updated_at, created_at }) => Date.parse(String(updated_at ?? created_at)),
    answer: (texts, { page, pages, origin, query }) => {
      const to = (number: number) =>
        new URLSearchParams([...query].filter(([name]) => name !== 'page').concat([['page', String(number)]]));
      const link = (number: number, rel: string) => `<${origin}/orders.json?${to(number)}>; rel="${rel}"`;
      const links = [
        ...(page > 1 ? [link(page - 1, 'previous')] : []),
        ...(page < pages ? [link(page + 1, 'next')] : []),
      ];
      return { body: `{"orders":[${texts.join(',')}]}`, headers: links.length === 0 ? {} : { link: links.join(', ') } };
    },
  });

/** Pages by number; says how many there are. */
export const startWooApi = (size: number): Promise<ShopApi> =>
  startApi({
    size,
    allowed: ({ headers }) =>
      headers.authorization === `Basic ${Buffer.from('ck_made_up:cs_made_up').toString('base64')}`,
    since: 'modified_after',
    until: 'modified_before',
    inclusive: false,
    changed: ({ date_modified_gmt }) => Date.parse(`${date_modified_gmt}Z`),
    answer: (texts, { pages }) => ({ body: `[${texts.join(',')}]`, headers: { 'x-wp-totalpages': String(pages) } }),
  });

/** What the source of a store says to be compared with this API. */
export const shopifyAt = ({ url }: Receiver) => ({
  shop_domain: 'lamps.myshopify.com',
  api_token: 'token-of-the-shop',
  reconcile: {
    orders: {
      url: `${url}/orders.json?status=any&limit=100&order=updated_at%20asc&updated_at_min={$since}&updated_at_max={$until}`,
      rate: '1000/s',
    },
  },
});
export const wooAt = ({ url }: Receiver) => ({
  shop_domain: 'bakery.example',
  consumer_key: 'ck_made_up',
  consumer_secret: 'cs_made_up',
  reconcile: {
    orders: {
      url: `${url}/wp-json/wc/v3/orders?modified_after={$substring($since, 0, 19)}&modified_before={$substring($until, 0, 19)}&dates_are_gmt=true&orderby=id&order=asc&per_page=50&page={$page}`,
      rate: '1000/s',
    },
  },
});
