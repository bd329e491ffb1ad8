// What would raise the share of orders and leads that find their visit, in plain words, the one about most of them first.
import { DAY_MS } from '../../lib/time.ts';
import { ago, count, share } from '../view/parts.ts';
import type { Advice, GroupMatch, SourceMatch, StoreMatch } from './facts.ts';
import { GROUP_NAMES } from './words.ts';

/** Fewer than this say nothing about a habit. */
const FEW = 5;
/** Shares from which something is worth saying. */
const MOST = 0.5;
const MANY = 0.3;
const QUIET_MS = 2 * DAY_MS;

const lower = (text: string) => text.charAt(0).toLowerCase() + text.slice(1);
const nameOf = ({ group }: GroupMatch): string => lower(GROUP_NAMES[group]);
const of = (part: number, all: number, what: string): string =>
  `${share(part, all)} of ${what} (${count(part)} of ${count(all)})`;

function ofScript({ keepsVisits, lastVisit, groups }: Seen, now: number): Advice[] {
  const events = groups.reduce((all, one) => all + one.events, 0);
  if (!keepsVisits)
    return [
      {
        text: 'This store keeps no visits, so nothing can be found by them.',
        todo: 'Add visits: to its file, and the script to every page.',
        events,
      },
    ];
  if (lastVisit === undefined)
    return [
      {
        text: 'The script has told of no visit yet.',
        todo: "Put the script on every page. It waits for consent: where no banner tells it, call tagbridge('consent', …).",
        events,
      },
    ];
  if (now - lastVisit < QUIET_MS) return [];
  return [
    {
      text: `The script has told of no visit for ${ago(now - lastVisit)}.`,
      todo: 'Look whether it is still on the pages, and whether their address stands under visits: origins.',
      events,
    },
  ];
}

function ofGroup(one: GroupMatch): Advice[] {
  const { group, events, joined, nothing, hints } = one;
  if (events < FEW) return [];
  const { codes, persons, lostCodes, lostPersons, joinedWithoutClick } = hints;
  const found: (Advice & { holds: boolean })[] = [
    {
      holds: group === 'phone_orders' && nothing >= MANY * events && codes < (1 - MOST) * events,
      text: `${of(events - codes, events, nameOf(one))} carry no reference code.`,
      todo: 'Show the code on the pages and ask every caller for it: it finds the visit of people whom nobody knows yet.',
      events: events - codes,
    },
    {
      holds: codes >= FEW && lostCodes >= MANY * codes,
      text: `${of(lostCodes, codes, 'the reference codes')} found no visit.`,
      todo: 'A code is good for 30 days. Read it back to the caller, and see that the script runs on the page that shows it.',
      events: lostCodes,
    },
    {
      holds: lostPersons >= FEW && lostPersons >= MOST * nothing && nothing >= MANY * events,
      text: `${of(lostPersons, events, nameOf(one))} name an e-mail or phone that no visit is known by.`,
      todo: "Tell the script who a visitor is, after logins, forms and newsletter sign-ups: tagbridge('identify', { email, phone }).",
      events: lostPersons,
    },
    {
      holds: events - persons >= FEW && events - persons >= MOST * events && nothing >= MANY * events,
      text: `${of(events - persons, events, nameOf(one))} name neither e-mail nor phone.`,
      todo: group === 'phone_orders' ? 'Ask callers for their e-mail.' : 'Send these fields along, or map them.',
      events: events - persons,
    },
    {
      holds: joinedWithoutClick >= FEW && joinedWithoutClick >= MOST * joined,
      text: `${of(joinedWithoutClick, joined, `the ${nameOf(one)} that found their visit`)} came from a visit without the click of an ad.`,
      todo: 'That may be so. Where ads run: switch auto-tagging on in Google Ads, and see that redirects keep ?gclid= and ?fbclid= and that the script is on landing pages.',
      events: joinedWithoutClick,
    },
    {
      holds: group === 'leads' && nothing >= MOST * events,
      text: `${of(nothing, events, 'leads')} came with no click, browser or visit.`,
      todo: 'Put the hidden fields into the form (form-fields.html), so that the lead brings its ids along.',
      events: nothing,
    },
  ];
  return found.filter(({ holds }) => holds).map(({ text, todo, events: about }) => ({ text, todo, events: about }));
}

function ofSource({ source, name, channel, events, nothing }: SourceMatch): Advice[] {
  const isOnline = name === 'purchase' && channel !== 'phone' && channel !== 'pos';
  if (!isOnline || events < FEW || nothing < MANY * events) return [];
  return [
    {
      text: `${of(nothing, events, `the orders of ${source}`)} bring no click or browser, and found no visit.`,
      todo: 'Put the small file on that shop that writes the ids onto the order; the README says how for each platform.',
      events: nothing,
    },
  ];
}

type Seen = Omit<StoreMatch, 'advice'>;
/** Empty where nothing better is known. */
export function adviceFor(facts: Seen, now: number): Advice[] {
  const ofStore = ofScript(facts, now);
  if (!facts.keepsVisits) return ofStore;
  const others = [...facts.groups.flatMap(ofGroup), ...facts.sources.flatMap(ofSource)];
  return [...ofStore, ...others.toSorted((a, b) => b.events - a.events)];
}
