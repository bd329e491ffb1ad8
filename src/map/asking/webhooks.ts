// Webhooks as a sender lists them, without I/O: which of them send here, which are on, and what is missing.
import { valuesOf } from '../condition-test.ts';
import type { Source } from '../files/source.ts';
import { firstText } from '../map.ts';
import { topicPattern } from '../rule.ts';
import { evaluate, evaluateIn, type Results } from '../run.ts';
import { type Problem, settled } from './listing.ts';
import { type Asked, askAlone } from './lookup.ts';
import type { Webhooks } from './webhooks-compile.ts';

/** A webhook that sends here. The address is without what may be a secret in it. */
export type Hooked = {
  id: string;
  address: string;
  /** It sends without encryption. */
  plain: boolean;
  topics: readonly string[];
  on: boolean;
  /** What the sender calls that. */
  state: string | undefined;
  /** The sender itself switched it off. */
  mendable: boolean;
};
/** What goes to the path of another source of this service, such as shop/woo; what is off there, too. */
export type Beside = { place: string; topics: readonly string[] };
/** What was listed: those that send here, the same path at other hosts with what is told there, and how many go elsewhere. */
export type Pointing = { here: Hooked[]; astray: string[]; told_astray: string[]; beside: Beside[]; others: number };
export const NO_POINTING: Pointing = { here: [], astray: [], told_astray: [], beside: [], others: 0 };

/** An address may be anything that somebody typed. */
const MOST_TOPICS = 500;
const MOST_ASTRAY = 5;
const MOST_HERE = 100;
const MOST_BESIDE = 20;
const LONGEST = 200;

type Where = { host: string; path: string; plain: boolean };
function whereOf(address: string): Where | undefined {
  if (!URL.canParse(address)) return undefined;
  const { protocol, host, pathname } = new URL(address);
  if (protocol !== 'https:' && protocol !== 'http:') return undefined;
  return { host, path: pathname.replace(/\/+$/, ''), plain: protocol === 'http:' };
}

/** Without user, query and what follows: a secret may stand there. */
export function masked(address: string): string {
  const { protocol, host, pathname, search } = new URL(address);
  return `${protocol}//${host}${pathname}`.slice(0, LONGEST) + (search === '' ? '' : '?…');
}

/** Where hooks of a source are sent to: its own addresses, or the path alone where the address of this service is not known. */
export function addressesOf(
  { store, name, settings }: Pick<Source, 'store' | 'name' | 'settings'>,
  publicUrl?: string,
) {
  const path = `/hooks/${store}/${name}`;
  const whole = publicUrl === undefined ? [] : [publicUrl.replace(/\/+$/, '') + path];
  return { path, whole: [...whole, ...(typeof settings.url === 'string' ? [settings.url] : [])], base: publicUrl };
}
export type Addresses = ReturnType<typeof addressesOf>;

/** Does it send here? `astray`: to this path, at a host that nobody here knows of. */
export function pointsTo(
  address: string,
  { path, whole }: Pick<Addresses, 'path' | 'whole'>,
): 'here' | 'astray' | 'elsewhere' {
  const where = whereOf(address);
  if (where === undefined) return 'elsewhere';
  const own = whole.flatMap((one) => whereOf(one) ?? []);
  if (own.some((one) => one.path === where.path && one.host === where.host)) return 'here';
  if (!where.path.endsWith(path)) return 'elsewhere';
  return own.length === 0 ? 'here' : 'astray';
}

/** The source of this service that an address names, whether it is there or not; nothing where nobody knows its own address. */
function placeAt(address: string, { base }: Pick<Addresses, 'base'>): string | undefined {
  const [where, own] = [address, base ?? ''].map(whereOf);
  if (where === undefined || own === undefined || where.host !== own.host) return undefined;
  const path = where.path.startsWith(own.path) ? where.path.slice(own.path.length) : '';
  return /^\/hooks\/([^/]+\/[^/]+)$/.exec(path)?.[1]?.slice(0, LONGEST);
}
const textsOf = (value: unknown): string[] =>
  valuesOf(value).flatMap((one) => (typeof one === 'string' && one !== '' ? one.slice(0, LONGEST) : []));

const byPlace = (all: readonly Beside[]): Beside[] =>
  [...Map.groupBy(all, ({ place }) => place)].slice(0, MOST_BESIDE).map(([place, those]) => ({
    place,
    topics: [...new Set(those.flatMap(({ topics }) => topics))].slice(0, MOST_TOPICS),
  }));

/** What stood on several pages. */
export const joined = (pages: readonly Pointing[]): Pointing => ({
  here: [...new Map(pages.flatMap(({ here }) => here).map((one) => [one.id, one])).values()].slice(0, MOST_HERE),
  astray: [...new Set(pages.flatMap(({ astray }) => astray))].slice(0, MOST_ASTRAY),
  told_astray: [...new Set(pages.flatMap(({ told_astray }) => told_astray))].slice(0, MOST_TOPICS),
  beside: byPlace(pages.flatMap(({ beside }) => beside)),
  others: pages.reduce((all, { others }) => all + others, 0),
});

/** The records of a page, as far as they send here. */
export function readPointing(
  { settings, store }: Source,
  { listing, address, topics, active, state, mend }: Webhooks,
  addresses: Addresses,
  records: readonly { record: Record<string, unknown> }[],
): Pointing | Problem | Promise<Pointing | Problem> {
  const env = { settings, store };
  return settled((results): Pointing => {
    const run = evaluateIn(results);
    const found = structuredClone(NO_POINTING);
    for (const { record } of records) {
      const to = firstText([address], record, env, results) ?? '';
      const points = pointsTo(to, addresses);
      if (points !== 'here') found.others += 1;
      const place = points === 'elsewhere' ? placeAt(to, addresses) : undefined;
      if (points === 'elsewhere' && place === undefined) continue;
      const on = active === undefined || active(record, env, run).holds;
      const told = textsOf(evaluate(topics, record, env, results)).slice(0, MOST_TOPICS);
      if (place !== undefined) {
        found.beside.push({ place, topics: told });
        continue;
      }
      if (points === 'astray') {
        found.astray.push(masked(to));
        if (on) found.told_astray.push(...told);
        continue;
      }
      found.here.push({
        id: firstText([listing.id], record, env, results) ?? '',
        address: masked(to),
        plain: whereOf(to)?.plain === true,
        topics: told,
        on,
        state: state && firstText([state], record, env, results)?.slice(0, LONGEST),
        mendable: !on && mend !== undefined && (mend.when === undefined || mend.when(record, env, run).holds),
      });
    }
    return joined([found]);
  });
}

/** The question that switches one on again; undefined where the source has not the settings for it. */
export async function askMend(
  { settings, store }: Source,
  { mend }: Webhooks,
  webhook: Pick<Hooked, 'id'>,
): Promise<Asked | Problem | undefined> {
  if (mend === undefined) return undefined;
  const env = { settings, store };
  const asked = await settled((results: Results) => askAlone(mend.question, settings, env, results, webhook));
  return asked !== undefined && 'lacks' in asked ? { problem: asked.lacks } : asked;
}

const covers = (wide: string, topic: string): boolean => wide.includes('*') && topicPattern([wide]).test(topic);
const fits = (told: string, topic: string): boolean => told === topic || covers(told, topic) || covers(topic, told);
export const tellsOf = ({ topics }: Pick<Hooked, 'topics'>, topic: string): boolean =>
  topics.some((told) => fits(told, topic));

/** The topics that its rules need; where a rule takes any, those of its webhooks. */
export function neededTopics({ rules }: Pick<Source, 'rules'>, here: readonly Pick<Hooked, 'topics'>[]): string[] {
  const named = rules.every(({ told }) => told.length > 0);
  return [...new Set(named ? rules.flatMap(({ told }) => told) : here.flatMap(({ topics }) => topics))];
}

export type Wrong = {
  /** Webhooks that are off, and no other tells of what they would. */
  off: string[];
  /** Topics that a webhook told of, and none does any more. */
  gone: string[];
};

/** What is known of the webhooks of a source; `known` are the topics that webhooks told of before. */
export type Known = {
  here: readonly Hooked[];
  told_astray: readonly string[];
  known: Readonly<Record<string, number>>;
};

/** What is wrong with the webhooks of a source. What is told at another host is not gone: this service may be reached there. */
export function wrongIn(source: Pick<Source, 'rules'>, { here, told_astray, known: last }: Known): Wrong {
  const known = Object.keys(last);
  const named = source.rules.every(({ told }) => told.length > 0);
  const needed = named ? neededTopics(source, here) : [...new Set([...neededTopics(source, here), ...known])];
  const lacking = needed.filter((topic) => !here.some((one) => one.on && tellsOf(one, topic)));
  const off = here.filter((one) => !one.on && lacking.some((topic) => tellsOf(one, topic)));
  const hasGone = (topic: string) =>
    known.includes(topic) && ![...here, { topics: told_astray }].some((one) => tellsOf(one, topic));
  return { off: off.map(({ id }) => id), gone: lacking.filter(hasGone) };
}

/** What goes to a source that is not there: topics that are needed, and that nothing which is on tells here. */
export function lostIn<One extends Beside>(
  source: Pick<Source, 'rules'>,
  here: readonly Hooked[],
  lost: readonly One[],
): One[] {
  const named = source.rules.every(({ told }) => told.length > 0);
  const needed = neededTopics(source, here);
  const isLacking = (topic: string) =>
    !here.some((one) => one.on && tellsOf(one, topic)) && (!named || needed.some((need) => fits(topic, need)));
  return lost.flatMap((one) => {
    const topics = one.topics.filter(isLacking);
    return topics.length === 0 ? [] : [{ ...one, topics }];
  });
}
