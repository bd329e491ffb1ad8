// A stand-in for the API in which a shop lists its orders: pages, credentials and whatever goes wrong there.
import type { ServerResponse } from 'node:http';
import { type Received, type Receiver, startReceiver } from './deliver-receiver.ts';

export type ShopApi = Receiver & {
  /** Texts of records as the shop lists them. */
  records: string[];
  /** In place of the next answer. */
  instead: ((received: Received, response: ServerResponse) => void) | undefined;
};
type Way = { size: number; allowed: (received: Received) => boolean; answer: (texts: string[], page: Paging) => Given };
type Paging = { page: number; pages: number; origin: string };
type Given = { body: string; headers: Record<string, string> };

const pageOf = ({ url }: Received): number => Number(new URL(url, 'http://shop').searchParams.get('page') ?? 1);

async function startApi({ size, allowed, answer }: Way): Promise<ShopApi> {
  const receiver = await startReceiver((received, response) => {
    const { instead } = api;
    api.instead = undefined;
    if (instead !== undefined) return instead(received, response);
    if (!allowed(received)) return void response.writeHead(401).end('{}');
    const page = pageOf(received);
    const pages = Math.max(1, Math.ceil(api.records.length / size));
    const texts = api.records.slice((page - 1) * size, page * size);
    const { body, headers } = answer(texts, { page, pages, origin: receiver.url });
    response.writeHead(200, { 'content-type': 'application/json', ...headers }).end(body);
  });
  const api: ShopApi = Object.assign(receiver, { records: [], instead: undefined });
  return api;
}

/** Pages by a link with an opaque name of the next one. */
export const startShopifyApi = (size: number): Promise<ShopApi> =>
  startApi({
    size,
    allowed: ({ headers }) => headers['x-shopify-access-token'] === 'token-of-the-shop',
    answer: (texts, { page, pages, origin }) => {
      const link = (to: number, rel: string) => `<${origin}/orders.json?limit=${size}&page=${to}>; rel="${rel}"`;
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
      url: `${url}/wp-json/wc/v3/orders?modified_after={$substring($since, 0, 19)}&dates_are_gmt=true&orderby=id&order=asc&per_page=50&page={$page}`,
      rate: '1000/s',
    },
  },
});
