// A stand-in for the webhooks of a WooCommerce: what its REST controller lists and changes, and what it answers to keys without the right.
import { type Received, type Receiver, startReceiver } from './deliver-receiver.ts';

export type WooWebhook = { id: number; status: 'active' | 'paused' | 'disabled'; topic: string; delivery_url: string };
export type WooWebhooks = Receiver & {
  webhooks: WooWebhook[];
  /** What the key may do; without either it is refused. */
  right: 'read' | 'read_write' | 'none' | 'customer';
  /** In place of the next answers. */
  instead: { status: number; type: string; body: string } | undefined;
  /** Where it sends those who would change something. */
  redirect: string | undefined;
  /** It says that there is always one more page. */
  endless: boolean;
  /** How often it was asked for its list, and what it was told to change. */
  lists: () => number;
  changes: () => string[];
};

const PATH = '/wp-json/wc/v3/webhooks';
const KEY = `Basic ${Buffer.from('ck_made_up:cs_made_up').toString('base64')}`;
const refusal = (code: string, status: number) => ({ code, message: 'Sorry', data: { status } });

export async function startWooWebhooks(): Promise<WooWebhooks> {
  const isChange = ({ url }: Received) => new RegExp(`^${PATH}/\\d+$`).test(new URL(url, 'http://shop').pathname);
  const receiver = await startReceiver((received, response) => {
    const answer = (status: number, body: unknown, headers: Record<string, string> = {}) =>
      void response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body));
    const { instead, right, webhooks } = shop;
    if (instead !== undefined)
      return void response.writeHead(instead.status, { 'content-type': instead.type }).end(instead.body);
    if (received.headers.authorization !== KEY || right === 'none')
      return answer(401, refusal('woocommerce_rest_cannot_view', 401));
    if (right === 'customer') return answer(403, refusal('woocommerce_rest_cannot_view', 403));
    const { pathname, searchParams } = new URL(received.url, 'http://shop');
    if (isChange(received)) {
      if (shop.redirect !== undefined) return answer(308, {}, { location: shop.redirect });
      if (right === 'read') return answer(401, refusal('woocommerce_rest_authentication_error', 401));
      const one = webhooks.find(({ id }) => id === Number(pathname.slice(PATH.length + 1)));
      if (one === undefined) return answer(400, refusal('woocommerce_rest_shop_webhook_invalid_id', 400));
      Object.assign(one, JSON.parse(received.body));
      return answer(200, one);
    }
    if (pathname !== PATH) return answer(404, refusal('rest_no_route', 404));
    const [page, size] = [Number(searchParams.get('page') ?? 1), Number(searchParams.get('per_page') ?? 10)];
    const pages = shop.endless ? page + 1 : Math.ceil(webhooks.length / size);
    const shown = shop.endless ? webhooks : webhooks.slice((page - 1) * size, page * size);
    return answer(200, shown, { 'x-wp-total': String(webhooks.length), 'x-wp-totalpages': String(pages) });
  });
  const shop: WooWebhooks = Object.assign(receiver, {
    webhooks: [],
    right: 'read' as const,
    instead: undefined,
    redirect: undefined,
    endless: false,
    lists: () => receiver.received.filter((one) => !isChange(one)).length,
    changes: () => receiver.received.filter(isChange).map(({ url, body }) => `${url} ${body}`),
  });
  return shop;
}

/** What a source says to ask the stand-in what its platform file asks a WooCommerce. */
export const wooWebhooksAt = ({ url }: Receiver, more: object = {}) => ({
  shop_domain: 'lamps.example',
  consumer_key: 'ck_made_up',
  consumer_secret: 'cs_made_up',
  webhooks: {
    url: `${url}${PATH}?status=all&per_page=100&page={$page}`,
    rate: '1000/s',
    mend: { when: { status: 'disabled' }, url: `${url}${PATH}/{id}`, body: { status: 'active' }, needs: 'Read/Write' },
    ...more,
  },
});
