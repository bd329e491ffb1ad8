// The PHP that goes into shops: it parses, writes what the mappings read, and writes nothing of staff or programs.
import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { COOKIES, consentMode, IDS, runInPage } from './support/page.ts';
import { MAPPINGS } from './support/stores.ts';
import { fixtureBody, mapBody } from './support/templates.ts';

const TEMPLATES = join(MAPPINGS, 'templates');
const template = (name: string) => readFileSync(join(TEMPLATES, name), 'utf8');
const hasPhp = spawnSync('php', ['-v']).status === 0;
const NAMES = ['ad_storage', 'analytics_storage', 'ad_user_data', 'ad_personalization'];

/** The cookies as PHP sees them. */
const asPhp = (cookies: string): Record<string, string> =>
  Object.fromEntries(
    cookies.split('; ').map((pair) => {
      const at = pair.indexOf('=');
      return [pair.slice(0, at), decodeURIComponent(pair.slice(at + 1))];
    }),
  );

/** Runs PHP with these cookies; answers the JSON that it prints. */
function php(code: string, cookies: Record<string, string>, more: Record<string, string> = {}): Record<string, string> {
  const input = `<?php ${code}`;
  const { stdout, stderr } = spawnSync('php', ['-d', 'display_errors=stderr'], {
    input,
    env: { ...process.env, COOKIES: JSON.stringify(cookies), TEMPLATES, ...more },
    encoding: 'utf8',
  });
  expect(stderr).toBe('');
  return JSON.parse(stdout);
}

const WORDPRESS = `
define('ABSPATH', '/'); $hooks = []; $consent = json_decode(getenv('CONSENT') ?: 'null', true);
function add_action($hook, $run) { global $hooks; $hooks[$hook] = $run; }
function wp_unslash($value) { return $value; }
function sanitize_text_field($value) { return trim(strip_tags($value)); }
function current_user_can($what) { return $what === getenv('MAY'); }
class Order { public $meta = []; public $saved = []; function update_meta_data($key, $value) { $this->meta[$key] = $value; }
  function get_meta($key) { return $this->meta[$key] ?? ''; } function save() { $this->saved = $this->meta; } }
$_COOKIE = json_decode(getenv('COOKIES'), true);
`;
const WOO = `${WORDPRESS} %s
require getenv('TEMPLATES') . '/woocommerce.php';
$order = new Order(); foreach ($hooks as $run) $run($order);
echo json_encode(['hooks' => implode(' ', array_keys($hooks))] + $order->meta);`;
/** The order is paid by a link, and was typed in by somebody. */
const PAY_LINK = `${WORDPRESS} require getenv('TEMPLATES') . '/woocommerce.php';
$order = new Order(); $order->meta = json_decode(getenv('META'), true);
$hooks['woocommerce_before_pay_action']($order); echo json_encode($order->saved ?: new stdClass());`;
const BANNER = "function wp_has_consent($what) { return $what === 'statistics'; }";

const MAGENTO = (area: string) => `
namespace Magento\\Framework\\App { class Area { const AREA_ADMINHTML = 'adminhtml'; }
  class State { function getAreaCode() { if ('${area}' === '') throw new \\Magento\\Framework\\Exception\\LocalizedException(); return '${area}'; } } }
namespace Magento\\Framework\\Exception { class LocalizedException extends \\Exception {} }
namespace Magento\\Framework\\Event { interface ObserverInterface {}
  class Observer { function __construct(private $data) {} function getEvent() { return $this; } function getData($key) { return $this->data[$key] ?? null; } } }
namespace {
  class Order { public $columns = []; function setData($key, $value) { $this->columns[$key] = $value; } }
  $_COOKIE = json_decode(getenv('COOKIES'), true);
  require getenv('TEMPLATES') . '/magento-module/Observer/WriteVisit.php';
  $order = new Order();
  (new Tagbridge\\Visit\\Observer\\WriteVisit(new Magento\\Framework\\App\\State()))->execute(new Magento\\Framework\\Event\\Observer(['order' => $order]));
  echo json_encode($order->columns ?: new stdClass());
}`;

describe.skipIf(!hasPhp)('in PHP (skipped where php is absent)', () => {
  const files = readdirSync(TEMPLATES, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.php'));

  test.each(files)('%s parses', (name) => {
    expect(spawnSync('php', ['-l', join(TEMPLATES, name)]).status).toBe(0);
  });

  test('the checkout snippet writes onto orders of both checkouts what the mapping reads', async () => {
    const { hooks, ...meta } = php(WOO.replace('%s', BANNER), asPhp(COOKIES));
    expect(hooks).toBe(
      'wp_enqueue_scripts woocommerce_thankyou woocommerce_checkout_create_order woocommerce_store_api_checkout_update_order_from_request woocommerce_before_pay_action',
    );
    for (const foreign of ['session', '_shopify_y']) expect(meta).not.toHaveProperty(foreign);
    const order = fixtureBody('woocommerce/floats-with-48-decimals');
    order.date_paid_gmt = '2026-11-18T09:00:00';
    order.meta_data = Object.entries(meta).map(([key, value], at) => ({ id: at, key, value }));
    const [event] = await mapBody('woocommerce', order, { 'x-wc-webhook-topic': 'order.updated' });
    expect(event).toMatchObject({ ...IDS, consent: { ad_user_data: 'denied', analytics_storage: 'granted' } });
  });

  test('the checkout snippet says nothing about consent where no plugin knows it', () => {
    const { hooks: _, ...meta } = php(WOO.replace('%s', ''), asPhp(COOKIES));
    expect(Object.keys(meta).filter((name) => name.startsWith('consent'))).toEqual([]);
  });

  test('the checkout snippet writes what it sees of a buyer who pays an order of staff by a link', () => {
    const { _ga, _fbp } = asPhp(COOKIES);
    expect(php(PAY_LINK, asPhp(COOKIES), { META: '{}' })).toMatchObject({ _ga, _fbp });
  });

  test.each([
    ['of staff who pay it themselves', { META: '{}', MAY: 'edit_shop_orders' }],
    ['over what the checkout wrote', { META: '{"_fbp":"fb.1.1.1"}' }],
  ])('the checkout snippet writes nothing %s', (_, given) => {
    expect(php(PAY_LINK, asPhp(COOKIES), given)).toEqual({});
  });

  const visitCookie = async () => {
    const window = consentMode(['default', { ad_user_data: 'denied' }], ['update', { ad_user_data: 'granted' }]);
    const search = '?msclkid=M1&utm_source=mail&secret=1';
    const { cookies } = await runInPage(template('magento-module/view/frontend/web/js/visit.js'), { search, window });
    return asPhp(cookies.at(-1)?.split(';')[0] ?? '');
  };

  test('the Magento module writes into columns what the mapping reads', async () => {
    const columns = php(MAGENTO('frontend'), { ...asPhp(COOKIES), ...(await visitCookie()) });
    const schema = template('magento-module/etc/db_schema.xml');
    for (const name of Object.keys(columns)) expect(schema).toContain(`name="${name}"`);
    const [event] = await mapBody('magento', { ...MAGENTO_ORDER, ...columns });
    expect(event).toMatchObject({ ...IDS, msclkid: 'M1', utm_source: 'mail', consent: { ad_user_data: 'granted' } });
  });

  test('the Magento module knows the newer form of Google’s click cookie', () => {
    expect(php(MAGENTO('frontend'), { _gcl_aw: '2.1.kCj0K_-x$i1794991980' })).toEqual({ gclid: 'Cj0K_-x' });
  });

  test.each(['adminhtml', ''])('the Magento module writes nothing of staff and programs (area “%s”)', (area) => {
    expect(php(MAGENTO(area), asPhp(COOKIES))).toEqual({});
  });

  test('the Magento module takes cookies for what they are: text of anybody', () => {
    const cookies = {
      _ga: `GA1\u0000\n${'9'.repeat(9000)}`,
      tagbridge_visit: '{"gclid":["x"],"state":"closed","fbclid":1}',
    };
    const columns = php(MAGENTO('frontend'), cookies);
    expect(Object.keys(columns)).toEqual(['ga_client_id']);
    expect(columns.ga_client_id).toMatch(/^GA19{1,497}$/);
  });
});

const MAGENTO_ORDER = {
  entity_id: '7',
  increment_id: '000000007',
  state: 'processing',
  created_at: '2026-11-18 09:01:00',
  order_currency_code: 'EUR',
  base_currency_code: 'EUR',
  grand_total: '30.00',
};

test('the checkout snippet names what the mapping reads', () => {
  const snippet = template('woocommerce.php');
  const mapping = readFileSync(join(MAPPINGS, 'woocommerce.yaml'), 'utf8');
  for (const name of ['_ga', '_fbp', '_fbc', '_gcl_aw', '_ttp', '_epik'])
    expect(mapping).toContain(`$attr(meta_data, '${name}')`);
  for (const name of NAMES) {
    expect(snippet).toContain(name);
    expect(mapping).toContain(`$attr(meta_data, 'consent_${name}')`);
  }
});

test('the columns of the Magento module are those its code writes, and those of its whitelist', () => {
  const columns = [...template('magento-module/etc/db_schema.xml').matchAll(/ name="(\w+)" nullable/g)].map(
    ([, name]) => name,
  );
  const whitelist = JSON.parse(template('magento-module/etc/db_schema_whitelist.json'));
  expect(Object.keys(whitelist.sales_order.column)).toEqual(columns);
  const written = [...template('magento-module/Observer/WriteVisit.php').matchAll(/'([a-z][a-z_]+)'[,\]]/g)].map(
    ([, name]) => name,
  );
  const cookie = 'tagbridge_visit';
  expect(new Set([...written, 'ga_session_id'].filter((name) => name !== cookie))).toEqual(new Set(columns));
});
