// A stand-in for Google's token server and the Data Manager API: one bad event refuses the whole request, and some accounts always fail.
import { type Table, tableOf } from '../../lib/table.ts';
import { type Behaviour, json, listOf, type StandinAnswer, type StandinRequest } from './standin.ts';

const TOKEN_SECONDS = 3600;
const LARGEST_BATCH = 2000;
const MOST_DESTINATIONS = 10;
const MOST_IDENTIFIERS = 10;
const PROCESSED_AFTER_MS = 30 * 60_000;
const SCOPE = 'https://www.googleapis.com/auth/datamanager';
const SOURCES = ['WEB', 'APP', 'IN_STORE', 'PHONE', 'MESSAGE', 'OTHER'];
const HASH = /^[a-f0-9]{64}$/;
const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?(Z|[+-]\d\d:\d\d)$/;
/** Customer numbers that fail: no access, a disabled API, and a project that is out of requests. */
const NO_ACCESS = '4030000000';
const DISABLED = '4030000001';
const EXHAUSTED = '4290000000';

/** `field` is a path such as `events.events[0].currency`. */
type Violation = { field: string; reason: string };

function refuse(code: number, status: string, reason: string, violations: readonly Violation[] = []): StandinAnswer {
  const type = 'type.googleapis.com/google.rpc.';
  const info = { '@type': `${type}ErrorInfo`, reason, domain: 'datamanager.googleapis.com' };
  const fieldViolations = violations.map((one) => ({ ...one, description: `${one.reason} in ${one.field}` }));
  const bad = fieldViolations.length === 0 ? [] : [{ '@type': `${type}BadRequest`, fieldViolations }];
  return json(code, { error: { code, message: reason, status, details: [info, ...bad] } });
}

const claimsOf = (part: string | undefined): Table => {
  try {
    return tableOf(JSON.parse(Buffer.from(part ?? '', 'base64url').toString('utf8')));
  } catch {
    return {};
  }
};

/** https://developers.google.com/identity/protocols/oauth2/service-account: the claims are checked, the signature is not. */
function isGoodAssertion(assertion: string, nowSeconds: number): boolean {
  const [header, payload] = assertion.split('.');
  const { aud, exp, iat, iss, scope } = claimsOf(payload);
  const lasts = Number(exp) - Number(iat);
  return (
    claimsOf(header).alg === 'RS256' &&
    aud === 'https://oauth2.googleapis.com/token' &&
    scope === SCOPE &&
    String(iss).includes('@') &&
    !String(iss).startsWith('deleted@') &&
    lasts > 0 &&
    lasts <= TOKEN_SECONDS &&
    Math.abs(nowSeconds - Number(iat)) < 300
  );
}

/** Refresh tokens and service accounts that begin with `expired` or `deleted@` are refused. */
function giveToken({ text, now }: StandinRequest): StandinAnswer {
  const form = new URLSearchParams(text);
  const nowSeconds = Math.floor(now / 1000);
  const refused = (error: string, status = 400) => json(status, { error, error_description: 'Bad Request' });
  const token = { access_token: `ya29.${nowSeconds + TOKEN_SECONDS}`, expires_in: TOKEN_SECONDS, token_type: 'Bearer' };
  if (form.get('grant_type') === 'refresh_token') {
    const { client_id, client_secret, refresh_token } = Object.fromEntries(form);
    if (client_id === undefined || client_secret === undefined) return refused('invalid_client', 401);
    return refresh_token === undefined || refresh_token.startsWith('expired')
      ? refused('invalid_grant')
      : json(200, token);
  }
  if (form.get('grant_type') !== 'urn:ietf:params:oauth:grant-type:jwt-bearer')
    return refused('unsupported_grant_type');
  return isGoodAssertion(form.get('assertion') ?? '', nowSeconds) ? json(200, token) : refused('invalid_grant');
}

const isValidToken = ({ headers, now }: StandinRequest): boolean => {
  const until = /^Bearer ya29\.(\d+)$/.exec(String(headers.authorization))?.[1];
  return until !== undefined && Number(until) * 1000 > now;
};

function destinationViolations(destination: Table, at: string): Violation[] {
  const account = tableOf(destination.operatingAccount);
  const login = tableOf(destination.loginAccount);
  const isAccount = (one: Table) => one.accountType === 'GOOGLE_ADS' && /^\d{10}$/.test(String(one.accountId));
  const action = String(destination.productDestinationId ?? '');
  return [
    ...(isAccount(account) ? [] : [{ field: `${at}.operating_account`, reason: 'INVALID_DESTINATION' }]),
    ...(destination.loginAccount === undefined || isAccount(login)
      ? []
      : [{ field: `${at}.login_account`, reason: 'INVALID_DESTINATION' }]),
    ...(/^[1-9]\d*$/.test(action)
      ? []
      : [{ field: `${at}.product_destination_id`, reason: 'INVALID_CONVERSION_ACTION_ID' }]),
  ];
}

function identifierReason(identifier: Table): string | undefined {
  const { address, emailAddress, phoneNumber, ...others } = identifier;
  const known = [address, emailAddress, phoneNumber].filter((value) => value !== undefined);
  if (known.length !== 1 || Object.keys(others).length > 0) return 'INVALID_FORMAT';
  if (address === undefined) return HASH.test(String(known[0])) ? undefined : 'INVALID_SHA256_FORMAT';
  const { givenName, familyName, regionCode, postalCode } = tableOf(address);
  if (!HASH.test(String(givenName)) || !HASH.test(String(familyName))) return 'INVALID_SHA256_FORMAT';
  if (!/^[A-Z]{2}$/.test(String(regionCode))) return 'INVALID_COUNTRY_CODE';
  return typeof postalCode === 'string' && postalCode !== '' ? undefined : 'INVALID_POSTAL_CODE';
}

function eventViolations(
  event: Table,
  at: string,
  { references, now }: { references: string[]; now: number },
): Violation[] {
  const { transactionId, eventTimestamp, eventSource, conversionValue, currency } = event;
  const clicks = tableOf(event.adIdentifiers);
  const people = listOf(tableOf(event.userData).userIdentifiers).map(tableOf);
  const found: [boolean, field: string, reason: string][] = [
    [
      listOf(event.destinationReferences).every((one) => references.includes(String(one))),
      'destination_references',
      'INVALID_DESTINATION',
    ],
    [typeof transactionId === 'string' && transactionId !== '', 'transaction_id', 'REQUIRED_FIELD_MISSING'],
    [typeof eventTimestamp === 'string', 'event_timestamp', 'REQUIRED_FIELD_MISSING'],
    [
      TIME.test(String(eventTimestamp)) && Date.parse(String(eventTimestamp)) <= now,
      'event_timestamp',
      'INVALID_FORMAT',
    ],
    [eventSource === undefined || SOURCES.includes(String(eventSource)), 'event_source', 'INVALID_ENUM_VALUE'],
    [Object.keys(clicks).length + people.length > 0, 'ad_identifiers', 'NO_IDENTIFIERS_PROVIDED'],
    [people.length <= MOST_IDENTIFIERS, 'user_data', 'TOO_MANY_USER_IDENTIFIERS'],
    [conversionValue === undefined || Number.isFinite(conversionValue), 'conversion_value', 'INVALID_NUMBER_FORMAT'],
    [currency === undefined || /^[A-Z]{3}$/.test(String(currency)), 'currency', 'INVALID_CURRENCY_CODE'],
    [
      Object.values(tableOf(event.consent)).every((one) => /^CONSENT_(GRANTED|DENIED)$/.test(String(one))),
      'consent',
      'INVALID_ENUM_VALUE',
    ],
  ];
  const ofPeople = people.flatMap((one, index) => {
    const reason = identifierReason(one);
    return reason === undefined ? [] : [{ field: `${at}.user_data.user_identifiers[${index}]`, reason }];
  });
  return [
    ...found.flatMap(([holds, field, reason]) => (holds ? [] : [{ field: `${at}.${field}`, reason }])),
    ...ofPeople,
  ];
}

function refuseAccount(destinations: readonly Table[]): StandinAnswer | undefined {
  const ids = destinations.map(({ operatingAccount }) => String(tableOf(operatingAccount).accountId));
  if (ids.includes(NO_ACCESS)) return refuse(403, 'PERMISSION_DENIED', 'PERMISSION_DENIED');
  if (ids.includes(DISABLED)) return refuse(403, 'PERMISSION_DENIED', 'SERVICE_DISABLED');
  if (ids.includes(EXHAUSTED)) return refuse(429, 'RESOURCE_EXHAUSTED', 'RATE_LIMIT_EXCEEDED');
  return undefined;
}

function ingest({ body, now }: StandinRequest): StandinAnswer {
  const { destinations: given, events: sent, encoding, validateOnly } = tableOf(body);
  const destinations = listOf(given).map(tableOf);
  const events = listOf(sent).map(tableOf);
  const refused = refuseAccount(destinations);
  if (refused !== undefined) return refused;
  const references = destinations.map(({ reference }) => String(reference));
  const violations = [
    ...(destinations.length >= 1 && destinations.length <= MOST_DESTINATIONS
      ? []
      : [{ field: 'destinations', reason: 'INVALID_DESTINATION' }]),
    ...(new Set(references).size === references.length
      ? []
      : [{ field: 'destinations', reason: 'DUPLICATE_DESTINATION_REFERENCE' }]),
    ...(events.length >= 1 ? [] : [{ field: 'events', reason: 'REQUIRED_FIELD_MISSING' }]),
    ...(events.length <= LARGEST_BATCH ? [] : [{ field: 'events', reason: 'TOO_MANY_EVENTS' }]),
    ...(encoding === 'HEX' ? [] : [{ field: 'encoding', reason: 'REQUIRED_FIELD_MISSING' }]),
    ...destinations.flatMap((one, index) => destinationViolations(one, `destinations.destinations[${index}]`)),
    ...events.flatMap((one, index) => eventViolations(one, `events.events[${index}]`, { references, now })),
  ];
  if (violations.length > 0) return refuse(400, 'INVALID_ARGUMENT', 'INVALID_ARGUMENT', violations);
  if (validateOnly === true) return json(200, {});
  const taken = events.flatMap(({ destinationReferences, transactionId }) =>
    listOf(destinationReferences ?? references).map((action) => `${action}:${transactionId}`),
  );
  return json(200, { requestId: `standin-${now}-${events.length}-${references.join('.')}` }, taken);
}

/** Half an hour later everything that was taken is told to be counted. */
function statusOf({ query, now }: StandinRequest): StandinAnswer {
  const [, at, count, actions] = /^standin-(\d+)-(\d+)-([\d.]+)$/.exec(query.get('requestId') ?? '') ?? [];
  if (at === undefined) return refuse(400, 'INVALID_ARGUMENT', 'INVALID_REQUEST_ID');
  const requestStatus = now - Number(at) < PROCESSED_AFTER_MS ? 'PROCESSING' : 'SUCCESS';
  const requestStatusPerDestination = (actions ?? '').split('.').map((productDestinationId) => ({
    destination: { productDestinationId },
    requestStatus,
    eventsIngestionStatus: { recordCount: count },
  }));
  return json(200, { requestStatusPerDestination });
}

export const google_ads: Behaviour = (request) => {
  const { method, path } = request;
  if (method === 'POST' && path === '/token') return giveToken(request);
  if (!path.startsWith('/v1/')) return { status: 404, taken: [] };
  if (!isValidToken(request)) return refuse(401, 'UNAUTHENTICATED', 'ACCESS_TOKEN_EXPIRED');
  if (method === 'POST' && path === '/v1/events:ingest') return ingest(request);
  if (method === 'GET' && path === '/v1/requestStatus:retrieve') return statusOf(request);
  return refuse(404, 'NOT_FOUND', 'NOT_FOUND');
};
