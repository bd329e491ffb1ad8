// A strict reader of Data Manager requests for Google Ads, written from Google's reference alone: one violation would refuse a whole batch.
import type { HttpRequest } from '../../src/types.ts';
import { createComplaints, EMAIL, HASH, type Json, listOf, readJsonPost, tableOf, walk } from './strict.ts';

const EVENT =
  `destinationReferences transactionId eventTimestamp eventSource adIdentifiers userData conversionValue currency
consent`.split(/\s+/);
const DAY = 86_400_000;

type Complaints = ReturnType<typeof createComplaints>;

function checkPeople(people: Json[], { check, only }: Complaints): void {
  check(people.length >= 1 && people.length <= 10, 'a person has 1 to 10 identifiers');
  for (const person of people) {
    check(Object.keys(person).length === 1, 'an identifier is one thing');
    const { address, emailAddress, phoneNumber } = person;
    if (emailAddress !== undefined) check(HASH.test(String(emailAddress)), 'emailAddress is no hash');
    if (phoneNumber !== undefined) check(HASH.test(String(phoneNumber)), 'phoneNumber is no hash');
    if (address === undefined) continue;
    const { givenName, familyName, regionCode, postalCode } = tableOf(address);
    only(tableOf(address), ['givenName', 'familyName', 'regionCode', 'postalCode'], 'address');
    check(HASH.test(String(givenName)) && HASH.test(String(familyName)), 'a name is no hash');
    check(/^[A-Z]{2}$/.test(String(regionCode)), 'regionCode is no country');
    check(typeof postalCode === 'string' && postalCode.trim() !== '', 'postalCode is empty');
  }
}

function checkEvent(event: Json, references: unknown[], now: number, complaints: Complaints): void {
  const { check, only } = complaints;
  const {
    transactionId: id,
    eventTimestamp: time,
    adIdentifiers,
    userData,
    conversionValue,
    currency,
    consent,
  } = event;
  only(event, EVENT, 'event');
  check(listOf(event.destinationReferences).length > 0, 'an event has a destination');
  check(
    listOf(event.destinationReferences).every((one) => references.includes(one)),
    'a reference leads nowhere',
  );
  check(typeof id === 'string' && id !== '' && id.length <= 64 && !EMAIL.test(id), 'transactionId is none');
  check(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/.test(String(time)), 'eventTimestamp is no time');
  check(
    Date.parse(String(time)) <= now && Date.parse(String(time)) > now - 181 * DAY,
    'eventTimestamp is out of range',
  );
  check(
    [undefined, 'WEB', 'IN_STORE', 'PHONE', 'OTHER'].includes(event.eventSource as string),
    'eventSource is unknown',
  );
  const clicks = Object.entries(tableOf(adIdentifiers));
  check(clicks.length <= 1, 'there is more than one click id');
  check(
    clicks.every(([key, value]) => /^(gclid|gbraid|wbraid)$/.test(key) && /^[\w-]+$/.test(String(value))),
    'a click id is none',
  );
  check(clicks.length > 0 || userData !== undefined, 'nothing identifies anybody');
  if (userData !== undefined) checkPeople(listOf(tableOf(userData).userIdentifiers).map(tableOf), complaints);
  check(
    conversionValue === undefined || (Number.isFinite(conversionValue) && Number(conversionValue) >= 0),
    'conversionValue is none',
  );
  check((conversionValue === undefined) === (currency === undefined), 'value and currency go together');
  check(currency === undefined || /^[A-Z]{3}$/.test(String(currency)), 'currency is none');
  only(tableOf(consent), ['adUserData', 'adPersonalization'], 'consent');
  check(
    Object.values(tableOf(consent)).every((one) => one === 'CONSENT_GRANTED' || one === 'CONSENT_DENIED'),
    'consent is none',
  );
}

/** Throws with every violation. */
export function strictGoogleAds(request: HttpRequest, now: number): void {
  const complaints = createComplaints();
  const { check, only, done } = complaints;
  const body = readJsonPost(request, check);
  only(body, ['destinations', 'events', 'encoding', 'validateOnly'], 'request');
  const destinations = listOf(body.destinations).map(tableOf);
  const references = destinations.map(({ reference }) => reference);
  check(destinations.length >= 1 && destinations.length <= 10, '1 to 10 destinations');
  check(new Set(references).size === references.length, 'references repeat');
  for (const destination of destinations) {
    only(destination, ['reference', 'loginAccount', 'operatingAccount', 'productDestinationId'], 'destination');
    check(/^\d{10}$/.test(String(tableOf(destination.operatingAccount).accountId)), 'accountId has no ten digits');
    check(/^\d+$/.test(String(destination.productDestinationId)), 'productDestinationId is no number');
  }
  check(body.encoding === 'HEX', 'encoding is HEX');
  const events = listOf(body.events).map(tableOf);
  check(events.length >= 1 && events.length <= 2000, '1 to 2,000 events');
  for (const event of events) checkEvent(event, references, now, complaints);
  for (const [path, value] of walk(body))
    check(typeof value !== 'string' || !EMAIL.test(value), `${path} has an e-mail`);
  done();
}
