// A shop whose phone team sells: it keeps visits, an order came from its shop, and somebody of the team is logged in.
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Browser, becomeAdmin, becomeRole } from './browser.ts';
import { eventually, type Rig, startRig, storeFile } from './service.ts';

export const ORIGIN = 'https://lamps.example';
const FIREFOX = 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0';
const GRANTED = {
  ad_storage: 'granted',
  analytics_storage: 'granted',
  ad_user_data: 'granted',
  ad_personalization: 'granted',
};
export const DAY_MS = 86_400_000;

export type PhoneRig = { rig: Rig; admin: Browser; sales: Browser; close: () => Promise<void> };

/** Lets the store keep visits. */
export async function takeVisits(rig: Rig): Promise<void> {
  const store = { ...storeFile(rig.standins), currency: 'EUR', visits: { origins: [ORIGIN] } };
  const loads = () => rig.logged.filter((line) => line.includes('mappings.loaded')).length;
  const before = loads();
  await writeFile(join(rig.folder, 'mappings/stores/shop.yaml'), JSON.stringify(store));
  await eventually(() => loads() > before, 'the store keeps visits');
}

/** `undo` is for how many seconds an order can be taken back. */
export async function startPhone(undo: number): Promise<PhoneRig> {
  const rig = await startRig({ PHONE_UNDO_SECONDS: String(undo) });
  await takeVisits(rig);
  const admin = await becomeAdmin(rig);
  return { rig, admin, sales: await becomeRole(rig, admin, 'sales'), close: rig.close };
}

/** Somebody comes to the shop's pages; answers the code that they are shown. */
export async function comeBy({ service }: Rig, visitor: string, over: object = {}): Promise<string> {
  const body = {
    visitor: `visitor-${visitor}`,
    visit: '1795009000000',
    age: 600_000,
    consent: GRANTED,
    cookies: { _ga: 'GA1.1.1380133182.1764792191', _fbp: 'fb.1.1764792190054.11' },
    clicks: { gclid: ['Click-1', 3 * DAY_MS], fbclid: ['AbC-1', 600_000] },
    utm: {},
    page: `${ORIGIN}/lamps`,
    ...over,
  };
  const reply = await fetch(`${service.url}/t/shop`, {
    method: 'POST',
    headers: { origin: ORIGIN, 'user-agent': FIREFOX, 'content-type': 'text/plain' },
    body: JSON.stringify(body),
  });
  if (!reply.ok) throw new Error(`the visit was answered with ${reply.status}`);
  const said: unknown = reply.status === 200 ? await reply.json() : {};
  return typeof said === 'object' && said !== null && 'code' in said ? String(said.code) : '';
}
