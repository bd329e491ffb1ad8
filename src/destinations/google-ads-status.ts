// What became of a request at Google: asked by its id, told in words. Counts are of all events that went together.
import { z } from 'zod';
import { readJson } from '../lib/json.ts';
import type { Probed, Reply } from '../types.ts';
import { judgeAdsAnswer } from './google-ads-answer.ts';
import { failedProbe } from './probe.ts';

const Count = z.object({ recordCount: z.coerce.number().catch(1), reason: z.string().catch('') });
const Status = z.object({
  requestStatusPerDestination: z.array(
    z.object({
      destination: z.object({ productDestinationId: z.string() }).optional().catch(undefined),
      requestStatus: z.string().catch(''),
      errorInfo: z
        .object({ errorCounts: z.array(Count) })
        .optional()
        .catch(undefined),
      warningInfo: z
        .object({ warningCounts: z.array(Count) })
        .optional()
        .catch(undefined),
      eventsIngestionStatus: z.object({ recordCount: z.coerce.number() }).optional().catch(undefined),
    }),
  ),
});
type OneStatus = z.infer<typeof Status>['requestStatusPerDestination'][number];

/** https://developers.google.com/data-manager/api/reference/rest/v1/requestStatus/retrieve#ErrorInfo */
const REASONS: Record<string, string> = {
  EVENT_TOO_OLD: 'older than the conversion window of the conversion action',
  DENIED_CONSENT: 'consent for ad user data is denied, by the buyer or by the settings of the account',
  NO_CONSENT: 'the account has not agreed to Google’s use of its data',
  UNKNOWN_CONSENT: 'nothing says that the buyer agreed; send consent, or set consent.default in the store file',
  DUPLICATE_GCLID: 'a conversion of the same click and time was there already',
  DUPLICATE_TRANSACTION_ID: 'the order was there already',
  INVALID_GCLID: 'the click id (gclid) is none of Google’s',
  INVALID_GBRAID: 'the click id (gbraid) is none of Google’s',
  INVALID_WBRAID: 'the click id (wbraid) is none of Google’s',
  OPERATING_ACCOUNT_MISMATCH_FOR_AD_IDENTIFIER: 'the click was on an ad of another account',
  CLICK_NOT_FOUND: 'no ad of this account was clicked under this id',
  DESTINATION_ACCOUNT_ENHANCED_CONVERSIONS_TERMS_NOT_SIGNED:
    'the terms for customer data are not accepted; accept them in Google Ads under Goals, Settings',
  INVALID_EVENT: 'not a valid event',
  INVALID_FORMAT: 'something is not written as it must be',
  INTERNAL_ERROR: 'an error at Google',
};
const wordOf = (reason: string): string => {
  const name = reason.replace(/^PROCESSING_(ERROR|WARNING)_(REASON_)?/, '');
  return REASONS[name] ?? name.toLowerCase().replaceAll('_', ' ');
};

const WORDS: Record<string, string> = {
  SUCCESS: 'took all',
  PARTIAL_SUCCESS: 'took some',
  PROCESSING: 'is still at work on them',
  FAILED: 'took none',
  FAILURE: 'took none',
};

function linesOf({ destination, requestStatus, errorInfo, warningInfo, eventsIngestionStatus }: OneStatus): string[] {
  // Long numbers are hidden from what a receiver says: they could be somebody’s.
  const action = destination === undefined ? '' : `Conversion action …${destination.productDestinationId.slice(-4)}: `;
  const count = eventsIngestionStatus === undefined ? '' : ` (${eventsIngestionStatus.recordCount} events)`;
  const counted = (list: readonly z.infer<typeof Count>[], kind: string) =>
    list.map(({ recordCount, reason }) => `${recordCount} × ${kind}: ${wordOf(reason)}`);
  return [
    `${action}${WORDS[requestStatus] ?? requestStatus}${count}`,
    ...counted(errorInfo?.errorCounts ?? [], 'not taken'),
    ...counted(warningInfo?.warningCounts ?? [], 'warning'),
  ];
}

function textOf(statuses: ReadonlySet<string>): string {
  if (statuses.has('FAILED') || statuses.has('FAILURE')) return 'Google did not take what was sent:';
  if (statuses.has('PARTIAL_SUCCESS')) return 'Google took only a part of what was sent:';
  if (statuses.has('PROCESSING')) return 'Google is still at work on it. Ask again in some hours.';
  return 'Google took everything that was sent. Google Ads shows a conversion only where it finds the click.';
}

export function readStatus(reply: Reply): Probed {
  if ('failure' in reply) return failedProbe(reply);
  if (reply.status === 404 || (reply.status === 400 && reply.body.includes('INVALID_REQUEST_ID')))
    return { ok: false, text: 'Google does not know this request, or no longer.', details: [] };
  if (reply.status !== 200) {
    const outcome = judgeAdsAnswer(reply);
    return {
      ok: false,
      text: outcome.kind === 'delivered' ? `It answered ${reply.status}.` : outcome.reason,
      details: [],
    };
  }
  const all = readJson(Status, reply.body)?.requestStatusPerDestination;
  if (all === undefined)
    return { ok: false, text: 'It answered, and not as the Data Manager API does. Check endpoint.', details: [] };
  const statuses = new Set(all.map(({ requestStatus }) => requestStatus));
  const ok = all.length > 0 && [...statuses].every((status) => status === 'SUCCESS' || status === 'PROCESSING');
  return { ok, text: textOf(statuses), details: all.flatMap(linesOf) };
}
