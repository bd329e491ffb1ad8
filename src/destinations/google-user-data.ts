// User-provided data as Google wants it: names, street, e-mail and phone hashed, the rest of the address plain.
import type { Event } from '../event.ts';
import { unlessEmpty } from './facts.ts';
import { GOOGLE, hashed, plain } from './normalise.ts';
import { clip } from './text.ts';

const PLACE_LENGTH = 100;

/** The address with hashed names and street, undefined when nothing of it is known. */
export function googleAddress(event: Event) {
  const given = event.user_data?.address;
  if (given === undefined) return undefined;
  const place = (rule: (typeof GOOGLE)['city'], value: string | undefined) => {
    const text = plain(rule, value);
    return text === undefined ? undefined : clip(text, PLACE_LENGTH);
  };
  return unlessEmpty({
    sha256_first_name: hashed(GOOGLE.given_name, given.first_name),
    sha256_last_name: hashed(GOOGLE.family_name, given.last_name),
    sha256_street: hashed(GOOGLE.street, given.street),
    city: place(GOOGLE.city, given.city),
    region: place(GOOGLE.region, given.region),
    postal_code: place(GOOGLE.postal_code, given.postal_code),
    country: plain(GOOGLE.country, given.country),
  });
}

export const googleEmail = (event: Event) => hashed(GOOGLE.email, event.user_data?.email_address);
export const googlePhone = (event: Event) => hashed(GOOGLE.phone, event.user_data?.phone_number);

/** https://developers.google.com/analytics/devguides/collection/protocol/ga4/uid-data */
export function googleUserData(event: Event) {
  const email = googleEmail(event);
  const phone = googlePhone(event);
  const address = googleAddress(event);
  return unlessEmpty({
    sha256_email_address: email === undefined ? undefined : [email],
    sha256_phone_number: phone === undefined ? undefined : [phone],
    address: address === undefined ? undefined : [address],
  });
}
