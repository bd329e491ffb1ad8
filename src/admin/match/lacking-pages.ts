// The rows behind the match report: orders and leads of which nothing is known, or no click, or no client id; each with its trace.
import { CHANNELS } from '../../event.ts';
import { LACKS, type Lack, type LackingEvent } from '../../keep/questions/lacking.ts';
import { html } from '../html.ts';
import { choice, chosenOf, csvLink, filter, list, orderLink, paged, traceLink } from '../lists/list-view.ts';
import { LOOKING, page, type Route } from '../route.ts';
import { link, time } from '../view/parts.ts';
import { LACKING_DAYS, type Lacking, USUAL_DAYS } from './facts.ts';
import { LACK_NAMES } from './words.ts';

export type LackingPagesParts = {
  lacking: Lacking;
  /** Names that can be chosen from. */
  names: () => { stores: string[]; sources: string[] };
  eventNames: () => Promise<readonly string[]>;
};

export const LACKING_PATH = '/match/lacking';
const lackOf = (asked: string | undefined): Lack => LACKS.find((one) => one === asked) ?? 'visit';
const textOf = (lack: string): string => LACK_NAMES[lackOf(lack)];
/** Where nothing is known, that is all there is to say. */
const missing = ({ lacks: [first, ...others] }: LackingEvent): string =>
  [first, ...(first === 'visit' ? [] : others)].map((lack) => textOf(lack ?? '')).join(', ');

export const lackingRoutes = ({ lacking, names, eventNames }: LackingPagesParts): Route[] => [
  {
    method: 'get',
    path: LACKING_PATH,
    roles: LOOKING,
    answer: async ({ query }) => {
      const given = chosenOf(query, ['store', 'source', 'name', 'channel', 'lacks', 'days']);
      const { store, source, name, channel, days = USUAL_DAYS } = given;
      const lack = lackOf(given.lacks);
      const chosen = { ...given, lacks: lack, days };
      const asked = { store, source, name, channel, lack, days };
      const { rows, last } = await paged((limit) => lacking(asked, query.get('before') ?? '', limit));
      const { stores, sources } = names();
      const known = await eventNames();
      return page(
        'Not led back to an ad',
        html`<h1>Not led back to an ad</h1>
<p>Orders and leads that were counted though this was missing of their buyers. Without a client id GA4 shows them as (direct) or (not set); without a click no ad platform knows which ad it was. The trace of each says which fields its hook brought and whether a visit was found. <a href="${link('/match', { store, days: days === '1' ? undefined : days })}">Match report</a></p>
${filter(LACKING_PATH, [
  choice('lacks', 'What is missing', LACKS, lack, textOf, true),
  choice('store', 'Store', stores, store),
  choice('source', 'Source', sources, source),
  choice('name', 'Event', known, name),
  choice('channel', 'Channel', CHANNELS, channel),
  choice('days', 'Days', LACKING_DAYS, days, undefined, true),
])}
${list(
  'Not led back to an ad',
  ['Made', 'From', 'Event', 'Channel', 'Order', 'Missing', ''],
  rows.map((row) => [
    time(row.created_at),
    `${row.store}/${row.source}`,
    row.name,
    row.channel,
    orderLink(row.store, row.order_id),
    missing(row),
    traceLink(row.hook_id),
  ]),
  last && link(LACKING_PATH, { ...chosen, before: last.id }),
)}
${csvLink('lacking', chosen)}`,
      );
    },
  },
];
