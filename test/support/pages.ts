// A service with one order whose pages are looked at, and those of its pages that everybody but sales may see.
import { type Browser, becomeAdmin } from './browser.ts';
import { fromShopify, lampOrder, post } from './hooks.ts';
import { type Rig, startRig } from './service.ts';
import { traceOf } from './shop.ts';

/** `trace` is the page of the order's hook. */
export async function startPages(): Promise<{ rig: Rig; admin: Browser; trace: string }> {
  const rig = await startRig({ PUBLIC_URL: 'https://hooks.lamps.example' });
  const admin = await becomeAdmin(rig);
  await post(rig.service.url, fromShopify(lampOrder(1042)));
  return { rig, admin, trace: await traceOf(admin, '1042') };
}

export const LOOKING = [
  '/',
  '/live',
  '/search?q=1042',
  '/hooks',
  '/events',
  '/deliveries',
  '/problems',
  '/alerts',
  '/match',
  '/match/lacking?lacks=client_id',
  '/sources',
  '/sources/shop/shopify',
  '/destinations',
  '/orders?store=shop&order=1042',
];
