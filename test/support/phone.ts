// A shop whose phone team sells: it keeps visits, an order came from its shop, and somebody of the team is logged in.
import { type Browser, becomeAdmin, becomeRole } from './browser.ts';
import { type Rig, startRig, storeFile, writeStore } from './service.ts';
import { FIREFOX, GRANTED } from './visitor.ts';

export const ORIGIN = 'https://lamps.example';
export const DAY_MS = 86_400_000;

export type PhoneRig = { rig: Rig; admin: Browser; sales: Browser; close: () => Promise<void> };

/** Lets the store keep visits. */
export async function takeVisits(rig: Rig): Promise<void> {
  await writeStore(rig, { ...storeFile(rig.standins), currency: 'EUR', visits: { origins: [ORIGIN] } });
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
