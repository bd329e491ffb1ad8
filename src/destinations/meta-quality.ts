// What Meta says of the events of a pixel, by the Dataset Quality API: whether it finds the people, and knows doubles.
import { z } from 'zod';
import { hasEmail } from '../lib/email-in-text.ts';
import type { EventQuality, Quality, Reply } from '../types.ts';
import { graphAddress } from './meta-address.ts';
import { answerTo } from './meta-answer.ts';
import { metaTokenEnd } from './meta-token.ts';
import { clip } from './text.ts';

const FIELDS = `web{event_name,
event_match_quality{composite_score,match_key_feedback{identifier,coverage{percentage}},diagnostics},
event_coverage{percentage,goal_percentage},
dedupe_key_feedback{dedupe_key,browser_events_with_dedupe_key{percentage},server_events_with_dedupe_key{percentage},
overall_browser_coverage_from_dedupe_key{percentage}},
data_freshness{upload_frequency}}`.replaceAll('\n', '');

const LACKING =
  'the access token may not read the quality of this pixel; one made in Events Manager under Settings, Conversions API may. Of another one the system user needs “Use events dataset” for this pixel (Business settings, System users, Assign assets), and the token ads_read with ads_management or business_management';

/** What the rest of the house sends for a purchase or a lead; all else may be of the browser alone. */
const COUNTS: ReadonlySet<string> = new Set(['Purchase', 'Lead']);
/** What the people behind purchases and leads are found by best, and how rare it is when it is told as lacking. */
const WANTED = ['email', 'phone', 'fbc', 'fbp', 'external_id', 'ip_address', 'user_agent'];
const FEW = 50;
const MOST_EVENTS = 50;
const MOST = 30;
const LONGEST = 60;
const LONGEST_ADVICE = 400;

const numberUpTo = (most: number) => {
  const digits = z.string().regex(/^\d+(\.\d+)?$/);
  return z
    .union([z.number(), digits.transform(Number)])
    .pipe(z.number().min(0).max(most))
    .optional()
    .catch(undefined);
};
const Percent = numberUpTo(100);
/** A server may send more than the browser does. */
const Coverage = numberUpTo(1_000_000);
const Share = z.object({ percentage: Percent }).optional().catch(undefined);
/** What somebody else wrote may be anything. */
const words = (longest: number) => z.string().transform((text) => (hasEmail(text) ? '[e-mail]' : clip(text, longest)));
const Word = words(LONGEST);

/** Items that can be read, whatever is beside them. */
const listed = <T>(item: z.ZodType<T>, most: number) =>
  z
    .array(z.unknown())
    .catch([])
    .default([])
    .transform((all) => all.flatMap((one) => item.safeParse(one).data ?? []).slice(0, most));

/** What Meta itself made up. */
const Identifier = z.string().regex(/^[a-z][a-z0-9_]{0,39}$/);
const MatchKey = z.object({ identifier: Identifier, coverage: Share });
const Diagnostic = z.object({
  name: words(2 * LONGEST),
  solution: words(LONGEST_ADVICE).optional().catch(undefined),
  percentage: Percent,
});
const Doubles = z.object({
  dedupe_key: Identifier,
  browser_events_with_dedupe_key: Share,
  server_events_with_dedupe_key: Share,
  overall_browser_coverage_from_dedupe_key: Share,
});
const Told = z.object({
  event_name: Word,
  event_match_quality: z
    .object({
      composite_score: numberUpTo(10),
      match_key_feedback: listed(MatchKey, MOST),
      diagnostics: listed(Diagnostic, MOST),
    })
    .optional()
    .catch(undefined),
  event_coverage: z.object({ percentage: Coverage, goal_percentage: Percent }).optional().catch(undefined),
  dedupe_key_feedback: listed(Doubles, MOST),
  data_freshness: z.object({ upload_frequency: Identifier }).optional().catch(undefined),
});
/** Of a new pixel it may tell nothing at all. */
const Answer = z.union([
  z.object({ web: z.array(z.unknown()).nullable() }),
  z.strictObject({ web: z.undefined().optional() }),
]);

function qualityOf({ event_name, event_match_quality: match, ...told }: z.infer<typeof Told>): EventQuality {
  const named = match?.match_key_feedback ?? [];
  const keys = named.flatMap(({ identifier: key, coverage }) =>
    coverage?.percentage === undefined ? [] : [{ key, share: coverage.percentage }],
  );
  // It leaves out what no event has; what it names without a readable share may be on all of them.
  const isRare = (wanted: string) =>
    named.every(({ identifier, coverage: { percentage = FEW } = {} }) => identifier !== wanted || percentage < FEW);
  return {
    event: event_name,
    counts: COUNTS.has(event_name),
    score: match?.composite_score,
    keys: keys.sort((one, other) => other.share - one.share),
    // Where it tells of no key at all it does not say either that any is lacking.
    lacks: keys.length === 0 ? [] : WANTED.filter(isRare),
    coverage: told.event_coverage?.percentage,
    goal: told.event_coverage?.goal_percentage,
    doubles: told.dedupe_key_feedback.map((one) => ({
      key: one.dedupe_key,
      browser: one.browser_events_with_dedupe_key?.percentage,
      server: one.server_events_with_dedupe_key?.percentage,
      known: one.overall_browser_coverage_from_dedupe_key?.percentage,
    })),
    pace: told.data_freshness?.upload_frequency,
    issues: (match?.diagnostics ?? []).map(({ name, solution: todo, percentage: share }) => ({ name, todo, share })),
  };
}

/** What counts comes first, also where there are more than are read. */
const byWeight = (one: EventQuality, other: EventQuality) => Number(other.counts) - Number(one.counts);

function read(reply: Reply): { events: EventQuality[] } | { problem: string } {
  const read = answerTo(reply, Answer, LACKING);
  if ('problem' in read) return read;
  const told = (read.answer.web ?? []).flatMap((one) => Told.safeParse(one).data ?? []).map(qualityOf);
  return { events: told.sort(byWeight).slice(0, MOST_EVENTS) };
}

type Settings = Parameters<typeof graphAddress>[0] & { pixel_id: string; quality?: boolean | undefined };

/** https://developers.facebook.com/docs/marketing-api/conversions-api/dataset-quality-api */
export const metaQuality: Quality<Settings> = {
  title: 'Meta',
  todo: {
    score:
      'Let the checkout ask for e-mail and phone, and bring the click onto the order: with it come fbc, fbp, address and browser of the buyer.',
    doubles:
      'Let the tag in the browser send as eventID what the bridge sends as event_id, the order’s transaction id unless it is mapped, or switch one of the two off.',
  },
  isAsked: ({ quality = false }) => quality,
  build: (settings) => ({
    method: 'GET',
    url: graphAddress(settings, 'dataset_quality', { dataset_id: settings.pixel_id, fields: FIELDS }),
    headers: { accept: 'application/json' },
  }),
  read,
  end: metaTokenEnd,
};
