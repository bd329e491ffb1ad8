// Findings about what is known of buyers, about the disk and the database, and about mapping files.
import { count, counted } from '../lib/words.ts';
import { DAY_MS, type Facts, type Finding, type MatchFacts, type MatchKey, pathOf, WATCHED_KEYS } from './finding.ts';

const KEY_WORDS: Record<MatchKey, string> = {
  client_id: 'a GA4 client id',
  email: 'an e-mail address',
  click_id: 'the click id of an ad',
};
/** How much less is told, relative to the week before. Campaigns end, so click ids may fall further. */
const FALLS: Record<MatchKey, number> = { client_id: 0.3, email: 0.3, click_id: 0.6 };
const FEWEST_EVENTS = 20;
/** A key that few events had is nobody's business. */
const LEAST_BEFORE = 0.1;
/** Standard deviations between chance and a fall; an incident is over at half of both. */
const SURE = 4;

const percent = (share: number): string => `${Math.round(share * 100)}%`;

/** How far a share fell: `surely` counts standard deviations of the difference. */
function fallOf({ now, before }: MatchFacts, key: MatchKey) {
  const [share, was] = [now.keys[key] / now.events, before.keys[key] / before.events];
  const all = (now.keys[key] + before.keys[key]) / (now.events + before.events);
  const deviation = Math.sqrt(all * (1 - all) * (1 / now.events + 1 / before.events));
  return {
    key,
    share,
    was,
    fell: was === 0 ? 0 : 1 - share / was,
    surely: deviation === 0 ? 0 : (was - share) / deviation,
  };
}

/** Whether buyers are known less than in the week before: a tag was lost, or a form. */
export function findInMatches({ matches, now }: Facts): Finding[] {
  return matches.flatMap((match): Finding[] => {
    const { store, name } = match;
    if (match.now.events < FEWEST_EVENTS || match.before.events < FEWEST_EVENTS) return [];
    const falls = WATCHED_KEYS.map((key) => fallOf(match, key)).filter(({ was }) => was >= LEAST_BEFORE);
    const isFall = (part: number) => (one: (typeof falls)[number]) =>
      one.fell >= FALLS[one.key] * part && one.surely >= SURE * part;
    const found = falls.filter(isFall(0.5));
    if (found.length === 0) return [];
    const words = found.map(
      ({ key, share, was }) => `${percent(share)} carry ${KEY_WORDS[key]} (${percent(was)} before)`,
    );
    return [
      {
        subject: `match ${store} ${name}`,
        kind: 'match',
        stores: [store],
        title: `${store}: less is known of buyers`,
        detail: `Of ${counted(match.now.events, `${name} event`, `${name} events`)} in 24 hours ${words.join(', ')}.`,
        todo: 'See whether the tag or snippet that writes these ids is still in the shop, and whether the consent banner changed.',
        path: pathOf('/', { store }),
        since: now - DAY_MS,
        weight: found.some(isFall(1)) ? 'opens' : 'holds',
      },
    ];
  });
}

const MB = 1_000_000;
/** Room of which somebody must hear: a tenth of the disk, but no more than 2 GB and no less than four times what stops it. */
const roomNeeded = (size: number): number => Math.max(128 * MB, Math.min(2_000 * MB, size / 10));

export function findInDisk({ disk, now, open }: Facts): Finding[] {
  if (disk === undefined) return [];
  const needed = roomNeeded(disk.size);
  if (disk.free > needed * 1.25) return [];
  return [
    {
      subject: 'disk',
      kind: 'disk',
      stores: [],
      title: 'The disk is nearly full',
      detail: `${count(disk.free / MB)} MB of ${count(disk.size / MB)} MB are free. Without room, hooks are refused; senders try again for some hours only.`,
      todo: 'Make room where DATA_DIR is, or keep bodies for a shorter time (RETENTION_BODIES_DAYS).',
      path: '/',
      since: open.get('disk')?.since ?? now,
      weight: disk.free < needed ? 'opens' : 'holds',
    },
  ];
}

export const findInDatabase = ({ worries, now, open }: Facts): Finding[] =>
  worries.map(({ name, detail, todo }) => {
    const subject = `database ${name}`;
    return {
      subject,
      kind: 'database',
      stores: [],
      title: 'The database is held up',
      detail,
      todo,
      path: '/',
      since: open.get(subject)?.since ?? now,
      weight: 'opens',
    };
  });

export function findInFiles({ problems, now, open }: Facts): Finding[] {
  const [first] = problems;
  if (first === undefined) return [];
  return [
    {
      subject: 'mapping',
      kind: 'mapping',
      stores: [],
      title: 'A mapping file is broken',
      detail: `${counted(problems.length, 'mistake', 'mistakes')}, the first in ${first.file}, line ${first.line}: ${first.code}.`,
      todo: 'Mend the file; it is loaded by itself. Until then the last good one is used. tagbridge check shows all mistakes.',
      path: '/',
      since: open.get('mapping')?.since ?? now,
      weight: 'opens',
    },
  ];
}
