// Findings about the webhooks that senders list: some that send here are switched off, or gone, or go to a source that is not there.
import { DAY_MS } from '../lib/time.ts';
import { ago } from '../lib/words.ts';
import type { Facts, Finding, SourceFacts } from './finding.ts';

/** Nothing changed for so long: it is meant, or nobody minds. */
const TOLD_MS = 8 * DAY_MS;
const SHOWN = 6;

const named = (topics: readonly string[]): string =>
  topics.slice(0, SHOWN).join(', ') + (topics.length > SHOWN ? ' and others' : '');

function findOff({ now, open }: Facts, { store, source, webhooks }: SourceFacts): Finding | undefined {
  if (webhooks === undefined) return undefined;
  const { title, todo, off, gone, lost, all, since, stale } = webhooks;
  const place = `${store}/${source}`;
  const subject = `webhooks ${place}`;
  const isOld = now - since > TOLD_MS;
  const isOpen = open.has(subject);
  if (isOld && !isOpen) return undefined;
  const what = [
    ...(off.length > 0 ? [`Switched off there: ${named(off)}`] : []),
    ...(gone.length > 0 ? [`Not there any more: ${named(gone)}`] : []),
    ...lost.slice(0, SHOWN).map((one) => `Sent to /hooks/${one.place}, and no source is there: ${named(one.topics)}`),
  ];
  return {
    subject,
    kind: 'webhooks',
    stores: [store],
    title: `${place}: ${title} ${all ? 'sends nothing here any more' : 'does not send all that counts'}`,
    detail: `${what.join('. ')}. It was seen to be so ${ago(now - since)} ago.`,
    todo: [...(lost.length > 0 ? [`Give what is sent to another source the address /hooks/${place}.`] : []), todo].join(
      ' ',
    ),
    path: `/sources/${place}`,
    since,
    weight: isOld ? 'left' : stale ? 'holds' : 'opens',
  };
}

export const findInWebhooks = (facts: Facts): Finding[] =>
  facts.sources.flatMap((source) => findOff(facts, source) ?? []);
