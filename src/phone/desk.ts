// The desk of who sells on the phone: looks before something is entered, enters it, tells what became of it, takes it back.

import type { Keep } from '../keep/keep.ts';
import type { Entered, KeptEntry } from '../keep/questions/entries.ts';
import { sha256 } from '../lib/hash.ts';
import type { Store } from '../map/files/load.ts';
import type { Mappings } from '../map/files/mappings.ts';
import type { Source } from '../map/files/source.ts';
import type { Clock } from '../types.ts';
import { createAlike, type Likes } from './alike.ts';
import { type EntryBody, readBody } from './body.ts';
import { createFates, type Fate } from './fate.ts';
import { createForecast, type Forecast } from './forecast.ts';
import { givenIn, type Typed, typedAgain } from './form.ts';
import { type OddPhone, oddPhone } from './odd-phone.ts';
import { enteredSource, numberFor, type PhoneOrders } from './phone-orders.ts';
import { type Around, type Entry, type Mistake, readLead, readOrder } from './read.ts';

export type Kind = Entry['kind'];
export type DeskParts = {
  keep: Keep;
  mappings: Pick<Mappings, 'get' | 'all'>;
  phoneOrders: PhoneOrders;
  /** Milliseconds in which what was entered can be taken back. */
  hold: number;
  now: Clock;
};
/** What is known before it is entered. */
export type Outlook = Likes & {
  kind: Kind;
  mistakes: Mistake[];
  forecast: Forecast | undefined;
  /** The phone number, where it is most likely typed wrong. */
  odd: OddPhone | undefined;
  keepsVisits: boolean;
};
/**
 * `asked`: there are doubts that the person has not seen yet; `late`: what it was to replace cannot be taken back any more;
 * `undone`: this very form was saved before, and taken back.
 */
export type Saved =
  | { kind: 'saved'; kept: KeptEntry }
  | { kind: 'mistakes' | 'asked' | 'late' | 'undone'; outlook: Outlook };
export type Listed = { entered: Entered; body: EntryBody | undefined; fate: Fate; undoable: boolean };
export type Desk = ReturnType<typeof createDesk>;
/** Whose entries a person may see and take back; undefined for everybody's. */
type Reach = string | undefined;
/**
 * Who enters; `sure` are the doubts that were seen, `key` makes a form that is sent twice count once, `instead` is the entry
 * that it replaces.
 */
type Act = { user: string; key: string; sure: readonly string[]; instead?: string | undefined; reach: Reach };

/** What a person is to look at before it is saved: each of those alike by its id, the number that is taken, one that looks wrong. */
export const doubtsOf = ({ alike, taken, odd }: Outlook): string[] => [
  ...alike.map(({ hook_id }) => hook_id),
  ...(taken === undefined ? [] : [`taken:${sha256(taken)}`]),
  ...(odd === undefined ? [] : [odd.e164]),
];

/** One form sent twice is one entry; a form that somebody went back to and changed is another. */
const PAGE = 'page:';
const keyOf = (form: string, typed: Typed): string => `${PAGE}${sha256(`${form}\n${JSON.stringify(typed)}`)}`;

const READ = { order: readOrder, lead: readLead };
export const NOTHING_ALIKE: Likes = { alike: [], taken: undefined };

export function createDesk({ keep, mappings, phoneOrders, hold, now }: DeskParts) {
  const forecast = createForecast({ keep, now });
  const findAlike = createAlike({ keep, now });
  const fates = createFates({ keep });
  const placeOf = (name: string): { store: Store; source: Source } | undefined => {
    const store = mappings.get(name);
    const source = store && enteredSource(store);
    return store && source && { store, source };
  };
  const aroundOf = ({ settings: { country, currency } }: Store): Around => ({ country, currency, now: now() });

  /** Looks with what is right of it so far; an amount is not needed to find a visit. */
  const readSoFar = (kind: Kind, given: Record<string, unknown>, around: Around): Entry | undefined => {
    const rest: Record<string, unknown> = { amount: '1', currency: around.currency ?? 'EUR', ...given };
    const first = READ[kind](rest, around);
    if ('entry' in first) return first.entry;
    for (const { field } of first.mistakes) delete rest[field.split('.')[0] ?? ''];
    const again = READ[kind]({ amount: '1', ...rest }, around);
    return 'entry' in again ? again.entry : undefined;
  };

  /** Undefined for a store that takes none. `key` is that of the form, whose own entry is none alike. */
  const look = async (storeName: string, kind: Kind, typed: Typed, key?: string): Promise<Outlook | undefined> => {
    const place = placeOf(storeName);
    if (place === undefined) return undefined;
    const { store, source } = place;
    const { given, mistakes: ofTyping } = givenIn(typed);
    const around = aroundOf(store);
    // Where the amount cannot be told, all the rest is read all the same.
    const read = READ[kind](ofTyping.length > 0 ? { ...given, amount: '1' } : given, around);
    const mistakes = [...ofTyping, ...('mistakes' in read ? read.mistakes : [])];
    const known = mistakes.length === 0 && 'entry' in read ? read.entry : readSoFar(kind, given, around);
    const entry = known && { ...known, idempotency_key: key };
    const isPriced = given.amount !== undefined || given.number !== undefined;
    const isLooked = entry !== undefined && (isPriced || kind === 'lead');
    return {
      kind,
      mistakes,
      forecast: entry && (await forecast(store, source, entry, hold)),
      ...(isLooked ? await findAlike(store, entry) : NOTHING_ALIKE),
      odd: entry?.phone === undefined ? undefined : oddPhone(entry.phone),
      keepsVisits: store.settings.visits !== undefined,
    };
  };

  const enter = (store: Store, entry: Entry, user: string, idempotency_key: string) =>
    phoneOrders.keep(store, { ...entry, idempotency_key }, { id: user, how: 'page' }, hold);

  /** In place of another one where it says so, of which `isBack` tells whether it could still be taken back. */
  const enterFor = async (store: Store, given: Entry, { user, instead, reach }: Act, idempotency_key: string) => {
    if (instead === undefined) return { kept: await enter(store, given, user, idempotency_key), isBack: true };
    const entry = { ...given, idempotency_key };
    return phoneOrders.replace(store, entry, { id: user, how: 'page' }, hold, { hook_id: instead, made_by: reach });
  };

  const save = async (storeName: string, kind: Kind, typed: Typed, act: Act): Promise<Saved | undefined> => {
    const place = placeOf(storeName);
    const key = keyOf(act.key, typed);
    const outlook = await look(storeName, kind, typed, key);
    if (place === undefined || outlook === undefined) return undefined;
    const read = READ[kind](givenIn(typed).given, aroundOf(place.store));
    if ('mistakes' in read || outlook.mistakes.length > 0) return { kind: 'mistakes', outlook };
    if (doubtsOf(outlook).some((doubt) => !act.sure.includes(doubt))) return { kind: 'asked', outlook };
    const { kept, isBack } = await enterFor(place.store, read.entry, act, key);
    const isUndone = kept?.kind === 'duplicate' && (await keep.findEntry(kept.hook_id))?.undone === true;
    if (isUndone) return { kind: 'undone', outlook };
    return kept === undefined || !isBack ? { kind: 'late', outlook } : { kind: 'saved', kept };
  };

  const undoable = ({ untouched, due_at }: Entered) => untouched && due_at !== undefined && due_at > now();
  const listed = async (entries: readonly Entered[]): Promise<Listed[]> => {
    const [told, bodies] = await Promise.all([
      fates(entries, mappings.get),
      Promise.all(entries.map(async ({ hook_id }) => readBody(await keep.findHook(hook_id)))),
    ]);
    return entries.flatMap((entered, at) => {
      const fate = told[at];
      return fate === undefined ? [] : [{ entered, body: bodies[at], fate, undoable: undoable(entered) }];
    });
  };

  const list = async (user: Reach, kind: Kind, before: string, limit: number): Promise<Listed[]> =>
    listed(await keep.listEntries({ made_by: user, kind, before, limit }));

  const find = async (hook_id: string, user: Reach): Promise<Listed | undefined> => {
    const entered = await keep.findEntry(hook_id);
    if (entered === undefined || (user !== undefined && entered.made_by !== user)) return undefined;
    return (await listed([entered]))[0];
  };

  /** The next stage of a lead, for the same customer; `user` as in `list`, `by` who moves it. */
  const move = async (
    lead: Listed,
    to: { stage: string; typed: Typed },
    by: { user: string; key: string },
  ): Promise<{ kept: KeptEntry } | { mistakes: Mistake[] }> => {
    const place = placeOf(lead.entered.store);
    if (place === undefined || lead.body === undefined)
      return { mistakes: [{ field: '', message: 'the lead is forgotten, or its store is gone; enter it again' }] };
    const { phone, email, code, name, currency, consent } = lead.body;
    const { given, mistakes } = givenIn(to.typed);
    const known = Object.entries({ phone, email, code, name, currency, consent }).filter(
      ([, value]) => value !== undefined,
    );
    const next = { ...Object.fromEntries(known), ...given, number: lead.entered.number, stage: to.stage };
    const read = readLead(next, aroundOf(place.store));
    if (mistakes.length > 0 || 'mistakes' in read) return { mistakes: 'mistakes' in read ? read.mistakes : mistakes };
    return { kept: await enter(place.store, read.entry, by.user, keyOf(by.key, to.typed)) };
  };

  return {
    hold,
    stores: () => mappings.all().filter((store) => enteredSource(store) !== undefined),
    look,
    save,
    list,
    find,
    move,
    /** Those of them that this person can still take back. */
    replaceable: ({ alike }: Outlook, reach: Reach): Entered[] =>
      alike.flatMap(({ entered }) =>
        entered !== undefined && undoable(entered) && [undefined, entered.made_by].includes(reach) ? [entered] : [],
      ),
    /** The form as this person filled it in, to be corrected; undefined of what came by another road or from others. */
    typedBy: (user: string, { entered, body }: Listed): Typed | undefined => {
      if (body?.id.startsWith(PAGE) !== true || entered.made_by !== user) return undefined;
      const isMade = body.number === numberFor(body, entered.hook_id);
      return typedAgain(body, { at: entered.at, number: isMade ? undefined : body.number });
    },
    undo: (hook_id: string, reach: Reach) => keep.undoEntry(hook_id, reach, now()),
  };
}
