// When an access token of Meta's ends, by what Meta says of it to itself: a person's token lasts hours or 60 days.
import { z } from 'zod';
import type { EndQuestion, Reply } from '../types.ts';
import { graphAddress } from './meta-address.ts';
import { answerTo, isDenied, NEW_TOKEN } from './meta-answer.ts';

/** The end of the year 9999: more are no seconds. */
const LATEST = 253_402_300_799;
const Seconds = z
  .union([
    z.number(),
    z
      .string()
      .regex(/^\d{1,12}$/)
      .transform(Number),
  ])
  .pipe(z.int().min(0).max(LATEST));
const Answer = z.object({ data: z.object({ is_valid: z.boolean().optional(), expires_at: Seconds.optional() }) });

/** `data_access_expires_at` is left out: from then on an app reads no more of a person's data, and may send for all that Meta says. */
function read(reply: Reply): ReturnType<EndQuestion<unknown>['read']> {
  // Of tokens of an app Meta tells nobody but those who make the app.
  if (!('failure' in reply) && isDenied(reply)) return { ends: 'untold' };
  const read = answerTo(reply, Answer, 'the access token may not be asked about');
  if ('problem' in read) return read;
  const { is_valid, expires_at } = read.answer.data;
  if (is_valid === false) return { problem: `Meta says that the access token is no longer valid; ${NEW_TOKEN}` };
  if (expires_at === undefined) return { ends: 'untold' };
  return { ends: expires_at === 0 ? 'never' : expires_at * 1000 };
}

/** https://developers.facebook.com/docs/graph-api/reference/debug_token */
export const metaTokenEnd: EndQuestion<Parameters<typeof graphAddress>[0]> = {
  name: 'access token',
  todo: 'Make one that never ends: Business settings, System users, your system user, Generate token, and Never where it asks when it expires. Put it where access_token points to, and restart the bridge.',
  build: (settings) => ({
    method: 'GET',
    // Two different tokens would have to be of one app: it asks about itself.
    url: graphAddress(settings, 'debug_token', { input_token: settings.access_token }),
    headers: { accept: 'application/json' },
  }),
  read,
};
