// Who it was, as Meta wants it: personal data hashed, ids of the browser and of Meta's own as they are.
import type { Event } from '../event.ts';
import { fbc, fbp } from './facebook-ids.ts';
import { ipAddress, userAgent } from './facts.ts';
import { hashed, META, type Rule } from './normalise.ts';

/** Meta's leadgen id: a number of 15 to 17 digits, as text where a JSON number would lose digits. */
function leadId({ meta_lead_id: id }: Event): number | string | undefined {
  if (id === undefined || !/^[1-9]\d{14,16}$/.test(id)) return undefined;
  return Number.isSafeInteger(Number(id)) ? Number(id) : id;
}

const list = (hash: string | undefined) => (hash === undefined ? undefined : [hash]);

/** https://developers.facebook.com/docs/marketing-api/conversions-api/parameters/customer-information-parameters */
export function metaUserData(event: Event, now: number) {
  const person = event.user_data;
  const address = person?.address;
  const country = address?.country;
  return {
    em: list(hashed(META.em, person?.email_address)),
    ph: list(hashed(META.ph, person?.phone_number)),
    fn: list(hashed(META.fn, address?.first_name)),
    ln: list(hashed(META.ln, address?.last_name)),
    ct: list(hashed(META.ct, address?.city)),
    st: list(hashed(META.st, address?.region, country)),
    zp: list(hashed(META.zp, address?.postal_code, country)),
    country: list(hashed(META.country, country)),
    external_id: list(hashed(META.external_id, event.external_id ?? event.user_id)),
    client_ip_address: ipAddress(event),
    client_user_agent: userAgent(event),
    fbc: fbc(event, now),
    fbp: fbp(event),
    lead_id: leadId(event),
  };
}

/**
 * Whether Meta would refuse the event because nobody can be found by what is known. One strong id is enough, or
 * address and browser together, or a name with a place; a place alone, a browser alone or half a name is not.
 */
export function isTooWeak(event: Event, now: number): boolean {
  const { email_address, phone_number, address } = event.user_data ?? {};
  const knows = (rule: Rule, value: string | undefined) => hashed(rule, value) !== undefined;
  if (knows(META.em, email_address) || knows(META.ph, phone_number)) return false;
  if (knows(META.external_id, event.external_id ?? event.user_id)) return false;
  if (fbc(event, now) !== undefined || fbp(event) !== undefined || leadId(event) !== undefined) return false;
  if (ipAddress(event) !== undefined && userAgent(event) !== undefined) return false;
  const names = Number(knows(META.fn, address?.first_name)) + Number(knows(META.ln, address?.last_name));
  const place =
    knows(META.ct, address?.city) ||
    knows(META.st, address?.region) ||
    knows(META.zp, address?.postal_code) ||
    knows(META.country, address?.country);
  return names === 0 || (names === 1 && !place);
}
