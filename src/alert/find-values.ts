// Findings about what purchases are worth: amounts in cents instead of euros, a currency that was never there.
import { DAY_MS } from '../lib/time.ts';
import { count, counted } from '../lib/words.ts';
import { percent } from './fall.ts';
import {
  averageOf,
  comparedWeight,
  type Facts,
  type Finding,
  pathOf,
  type Weight,
  type Worth,
  type WorthFacts,
} from './finding.ts';

/** Of fewer purchases nobody knows what is usual. */
const FEWEST = 20;
/** Of so few an average tells something where it is far from another, for no single order makes that. */
const FEWEST_NOW = 6;
/** So many times more or less than the week before; cents for euros are 100. An incident is over at a third of it. */
const FACTOR = 10;
/** Of few purchases two large ones together make ten of the average, here and there. */
const FACTOR_FEW = 15;
const FACTOR_CALM = 3;
/** One order may be worth so many times the average: a dealer's among those of customers. */
const LARGEST = 1_000;
/** A currency is new that so few purchases had before, and matters when so many have it now. */
const NEW = 0.02;
const MATTERS = 0.5;
const MATTERS_CALM = 0.25;

type Odd = { weight: Weight; title: string; detail: string };

const allOf = (worth: ReadonlyMap<string, Worth>): number =>
  [...worth.values()].reduce((all, { events }) => all + events, 0);
/** Small averages need their decimals to be told apart. */
const shown = (value: number): string => (value < 100 ? value.toFixed(2) : count(value));

function oddCurrencies({ store, now, before }: WorthFacts, isOpen: boolean): Odd[] {
  const [all, allBefore] = [allOf(now), allOf(before)];
  if ((all < FEWEST && !isOpen) || allBefore < FEWEST) return [];
  return [...now].flatMap(([currency, { events }]): Odd[] => {
    const was = (before.get(currency)?.events ?? 0) / allBefore;
    if (was > NEW || events / all < MATTERS_CALM) return [];
    const named = currency === '' ? 'no currency' : currency;
    return [
      {
        weight: all < FEWEST || events / all < MATTERS ? 'holds' : 'opens',
        title: `${store}: purchases come in another currency`,
        detail: `${percent(events / all)} of ${counted(all, 'purchase', 'purchases')} in 24 hours have ${named}, ${percent(was)} the week before.`,
      },
    ];
  });
}

/** The average, had one order been as large as one may be: the whole worth of an hour, within reason. */
const averageWithout = ({ value, events, most }: Worth, usual: number): number =>
  averageOf({ value: value - Math.min(most, LARGEST * usual), events });

/** How many times more the average is, or how small a part of it, that no single order explains; of what is open one may. */
function ratioOf(now: Worth, was: Worth, isOpen: boolean): number {
  const usual = averageOf(was);
  const ratio = averageOf(now) / usual;
  if (ratio > 1) return isOpen ? ratio : Math.max(1, averageWithout(now, usual) / usual);
  return Math.min(1, averageOf(now) / averageWithout(was, usual));
}

function oddAmounts({ store, now, before }: WorthFacts, isOpen: boolean): Odd[] {
  return [...now].flatMap(([currency, worth]): Odd[] => {
    const was = before.get(currency);
    const isFew = worth.events < FEWEST_NOW;
    if (was === undefined || (isFew && !isOpen) || was.events < FEWEST || was.value <= 0) return [];
    const ratio = ratioOf(worth, was, isOpen);
    const factor = Math.max(ratio, 1 / ratio);
    if (factor < FACTOR_CALM) return [];
    const named = currency === '' ? 'Without a currency' : currency;
    return [
      {
        weight: isFew || factor < (worth.events < FEWEST ? FACTOR_FEW : FACTOR) ? 'holds' : 'opens',
        title: `${store}: purchases are worth much ${ratio > 1 ? 'more' : 'less'} than before`,
        detail: `${named} ${shown(averageOf(worth))} on average, of ${counted(worth.events, 'purchase', 'purchases')} in 24 hours. The week before it was ${shown(averageOf(was))}.`,
      },
    ];
  });
}

/** On days on which few come nobody can tell that what is open is over. */
const tooFew = (store: string, all: number): Odd => ({
  weight: 'holds',
  title: `${store}: what purchases are worth changed`,
  detail: `${counted(all, 'purchase', 'purchases')} came in 24 hours, too few to tell.`,
});

/** Whether amounts or currencies changed as no season changes them. */
export function findInValues(facts: Facts): Finding[] {
  return facts.worths.flatMap((worth): Finding[] => {
    const { store } = worth;
    const subject = `value ${store}`;
    const isOpen = facts.open.has(subject);
    const all = allOf(worth.now);
    const odds = [...oddCurrencies(worth, isOpen), ...oddAmounts(worth, isOpen)];
    const few = isOpen && all < FEWEST_NOW ? tooFew(store, all) : undefined;
    const odd = odds.find(({ weight }) => weight === 'opens') ?? odds[0] ?? few;
    if (odd === undefined) return [];
    return [
      {
        subject,
        kind: 'value',
        stores: [store],
        todo: 'Compare an order in the shop with its event. See whether the shop, a plugin or the store file changed how amounts or currencies are told.',
        path: pathOf('/events', { store }),
        since: facts.now - DAY_MS,
        ...odd,
        weight: comparedWeight(facts, subject, odd.weight),
      },
    ];
  });
}
