// What forms of the phone team say and what its pages answer, and orders of a shop that wait to be sent.
import { join } from 'node:path';
import { openSqlite } from '../../src/keep/sqlite/sqlite.ts';
import type { Page } from './browser.ts';
import { comeBy, type PhoneRig, startPhone } from './phone.ts';

let keys = 0;
export const fields = (over: Record<string, string> = {}) => ({
  store: 'shop',
  kind: 'order',
  key: `form-${keys++}`,
  phone: '06 12345678',
  amount: '99',
  currency: 'EUR',
  ...over,
});
export const localTime = (ago: number) => new Date(Date.now() - ago).toISOString().slice(0, 16);
export const text = ({ text: markup }: Page) =>
  markup
    .replace(/<[^>]+>/g, ' ')
    .replace(/\s+/g, ' ')
    .replaceAll('&#39;', "'");

/** What the form says that the person has seen, for the next time that it is sent. */
export const seenIn = ({ text: markup }: Page) => /name="sure" value="([^"]*)"/.exec(markup)?.[1] ?? '';
export const savedId = ({ location }: Page) => new URL(location ?? '', 'http://here').searchParams.get('saved') ?? '';

/** A shop whose orders can be taken back for five minutes, and the code of somebody who came by. */
export async function startWaiting(): Promise<{ phone: PhoneRig; code: string }> {
  const phone = await startPhone(300);
  return { phone, code: await comeBy(phone.rig, 'ann', { code: true }) };
}
export const sellAt = (phone: PhoneRig, over: Record<string, string> = {}) =>
  phone.sales.submit('/phone/orders', fields(over));
export const auditedAt = async (phone: PhoneRig) => {
  const { db, close } = await openSqlite({ path: join(phone.rig.folder, 'data/tagbridge.db') });
  const rows = await db.query('select actor, action, detail from audit order by id');
  await close();
  return rows.map(({ actor, action, detail }) => `${actor} ${action} ${detail}`);
};
