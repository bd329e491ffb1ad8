// What the Data Manager API's answers mean. Decided by status and reason; Google's own texts may quote what was sent.
// https://developers.google.com/data-manager/api/devguides/concepts/understand-errors
import { z } from 'zod';
import { readJson } from '../lib/json.ts';
import { retryAfter } from '../lib/retry-after.ts';
import { HOUR_MS, MINUTE_MS } from '../lib/time.ts';
import type { Outcome } from '../types.ts';
import { type Answer, isWebPage, retry } from './judge.ts';

const Violation = z.object({
  field: z.string().catch(''),
  description: z.string().catch(''),
  reason: z.string().optional().catch(undefined),
});
const Detail = z.object({
  reason: z.string().optional().catch(undefined),
  metadata: z.record(z.string(), z.string()).catch({}),
  fieldViolations: z.array(Violation).catch([]),
});
const Failed = z.object({ error: z.object({ status: z.string().catch(''), details: z.array(Detail).catch([]) }) });
const Accepted = z.object({ requestId: z.string().min(1), fieldWarnings: z.array(z.unknown()).catch([]) });

const NOT_TOGETHER =
  'customer_id, login_customer_id and conversion_actions do not fit together; customer_id is the account that owns the conversion actions';
const NO_ACCESS =
  'the service account or person may not write to this account; give it access in Google Ads under Admin, Access and security, to the manager account if login_customer_id names one';

/** What is wrong with the account or its settings: it stays wrong for every event until somebody acts. */
const OF_ACCOUNT: Record<string, string> = {
  SERVICE_DISABLED:
    'the Data Manager API is not enabled in the Google Cloud project; enable it under APIs and services',
  ACCESS_TOKEN_SCOPE_INSUFFICIENT:
    'the refresh token was given for something else; ask for it again with the scope https://www.googleapis.com/auth/datamanager',
  INVALID_DESTINATION: NOT_TOGETHER,
  INVALID_CONVERSION_ACTION_ID:
    'a number under conversion_actions is none of this account’s; it stands behind ctId= in the address of the conversion action in Google Ads',
  INVALID_CONVERSION_ACTION_TYPE:
    'a conversion action is of a kind that takes no uploads; make one of the kind Import, from clicks',
  TERMS_AND_CONDITIONS_NOT_SIGNED: 'terms are not accepted in Google Ads; look under Goals, Settings',
  DESTINATION_ACCOUNT_NOT_ENABLED_ENHANCED_CONVERSIONS_FOR_LEADS:
    'enhanced conversions for leads are off; turn them on in Google Ads under Goals, Settings, or set user_data: false',
  DESTINATION_ACCOUNT_DATA_POLICY_PROHIBITS_ENHANCED_CONVERSIONS:
    'Google’s policies keep this account from using customer data; set user_data: false, or ask Google',
  DESTINATION_ACCOUNT_ENHANCED_CONVERSIONS_TERMS_NOT_SIGNED:
    'the terms for customer data are not accepted; accept them in Google Ads under Goals, Settings, or set user_data: false',
};
/** What is wrong with one event. */
const OF_EVENT: Record<string, string> = {
  REQUIRED_FIELD_MISSING: 'something that it needs is missing',
  INVALID_FORMAT: 'something is not written as it must be',
  INVALID_SHA256_FORMAT: 'a hash is none',
  INVALID_HEX_ENCODING: 'a hash is none',
  INVALID_POSTAL_CODE: 'the postal code is none',
  INVALID_COUNTRY_CODE: 'the country is none',
  INVALID_NUMBER_FORMAT: 'a number is none',
  INVALID_CURRENCY_CODE: 'the currency is unknown to Google',
  INVALID_ENUM_VALUE: 'a value is none of those that are allowed',
  INVALID_EVENT: 'the event is not valid',
  TOO_MANY_USER_IDENTIFIERS: 'there is too much about the person',
  TOO_MANY_EVENTS: 'there are too many events in the request',
  NO_IDENTIFIERS_PROVIDED: 'nothing is known by which Google could find the click',
};

/** Paths such as `events.events[0].user_data`, which quote nothing. */
const fieldsOf = (fields: readonly string[]): string => {
  const safe = [...new Set(fields)].filter((field) => /^[\w.[\]]{1,120}$/.test(field)).slice(0, 3);
  return safe.length > 0 ? `, field ${safe.join(', ')}` : '';
};

/** What the first of the reasons means that is in the table. */
const meaningOf = (reasons: readonly string[], table: Readonly<Record<string, string>>): string | undefined =>
  reasons.map((reason) => table[reason]).find((text) => text !== undefined);

const pause = (text: string, code: string): Outcome => ({
  kind: 'retry',
  reason: `Google Ads: ${text} (${code})`,
  pause: true,
});

function judgeInvalid(reasons: readonly string[], fields: readonly string[], status: number): Outcome {
  const code = `${reasons[0] ?? 'no reason given'}, HTTP ${status}${fieldsOf(fields)}`;
  const ofAccount = meaningOf(reasons, OF_ACCOUNT);
  if (ofAccount !== undefined) return pause(ofAccount, code);
  if (fields.some((field) => field.startsWith('destinations'))) return pause(NOT_TOGETHER, code);
  const ofEvent = meaningOf(reasons, OF_EVENT);
  return {
    kind: 'rejected',
    reason: `Google rejects the event${ofEvent === undefined ? '' : `: ${ofEvent}`} (${code})`,
  };
}

function judgeFailed(answer: Answer): Outcome {
  const { status, headers } = answer;
  const { error } = readJson(Failed, answer.body) ?? {};
  const details = error?.details ?? [];
  const violations = details.flatMap(({ fieldViolations }) => fieldViolations);
  const reasons = [...violations, ...details].flatMap(({ reason }) => reason ?? []);
  const code = `HTTP ${status}`;
  // Refusals that a page to log in or a firewall in between wrote say nothing of the account, and pass with it.
  if ((status === 400 || status === 401 || status === 403) && isWebPage(answer.body))
    return retry(
      `answered ${status} with a web page in place of Google’s usual text; a proxy in between may have sent it`,
    );
  if (status === 401) return pause('Google does not take its own token; check the credentials in the store file', code);
  if (status === 403) return pause(meaningOf(reasons, OF_ACCOUNT) ?? NO_ACCESS, code);
  if (status === 404 && error !== undefined) return pause(NOT_TOGETHER, code);
  if (status === 429) {
    const daily = details.some(({ metadata }) => /PerDay/i.test(metadata.quota_limit ?? ''));
    const wait = retryAfter(headers) ?? (daily ? HOUR_MS : MINUTE_MS);
    return retry(`Google asks to slow down${daily ? ': the requests of the day are used up' : ''}`, wait);
  }
  if (status === 400)
    return judgeInvalid(
      reasons,
      violations.map(({ field }) => field),
      status,
    );
  if (status === 413) return { kind: 'rejected', reason: 'the request is too large for Google' };
  return retry(`Google answered ${status}, and nothing that helps`, retryAfter(headers));
}

/** The outcome of a request; a rejection says that at least one of its events is at fault. */
export function judgeAdsAnswer(answer: Answer): Outcome {
  const { status } = answer;
  if (status < 200 || status >= 300) return judgeFailed(answer);
  const accepted = readJson(Accepted, answer.body);
  if (accepted === undefined) return retry(`answered ${status} without Google’s usual text`);
  const { requestId: receipt, fieldWarnings } = accepted;
  const note = 'accepted by Google, which says within a day what it counted';
  return { kind: 'delivered', note: fieldWarnings.length === 0 ? note : `${note}; it has warnings`, receipt };
}

/** Google's complaints about a test, in its own words. */
export const complaintsOf = ({ body }: Answer): string[] =>
  (readJson(Failed, body)?.error.details ?? []).flatMap(({ fieldViolations }) =>
    fieldViolations.map(({ field, description }) => `${field === '' ? 'The request' : field}: ${description}`),
  );
