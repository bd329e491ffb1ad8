// `tagbridge export`: everything that is held on a person, as JSON, for those who ask for their data.
import { type Config, readConfig } from '../config.ts';
import type { Visit } from '../enrich/visit.ts';
import { withKept } from '../keep/beside.ts';
import type { Keep } from '../keep/keep.ts';
import type { Person } from '../keep/person.ts';
import { fingerprints } from '../keep/questions/audit.ts';
import type { FoundEvent, FoundHook } from '../keep/questions/find-person.ts';
import { ifReadable } from '../keep/sealed.ts';
import { readableText } from '../lib/charset.ts';
import { OperatorError } from '../lib/errors.ts';
import { mapHook } from '../map/map.ts';
import { readArguments } from './arguments.ts';
import type { Command } from './command.ts';
import { note } from './note.ts';
import { PERSON_OPTIONS, PERSON_USAGE, readPerson } from './person.ts';
import { createProgress } from './progress.ts';
import { readStores, refuseUnknownStore } from './store.ts';

const time = (at: number): string => new Date(at).toISOString();

/** The person whom a request of a platform names. */
async function personOfHook(keep: Keep, id: string, config: Config): Promise<{ person: Person; store: string }> {
  const hook = await keep.findHook(id);
  const { stores } = await readStores(config);
  const source = hook && stores.get(hook.store)?.sources.get(hook.source);
  const mapped =
    hook?.content === undefined || source === undefined
      ? undefined
      : await mapHook(source, { ...hook.content, received_at: hook.received_at });
  if (hook === undefined || mapped?.request === undefined || !('person' in mapped.request))
    throw new OperatorError(
      'ARGUMENT',
      `hook ${id} is no request about a person`,
      'tagbridge stats lists what came in',
    );
  return { person: mapped.request.person, store: hook.store };
}

/** The event, where it was sent to and what became of that. */
async function eventOf(keep: Keep, { id, hook_id, store, name, order_id, json }: FoundEvent) {
  const { events } = await keep.findTrace({ hook_id });
  const traced = events.find((event) => event.id === id);
  return {
    ...{ id, store, hook_id, name, order_id },
    event: ifReadable((): unknown => JSON.parse(json)),
    waiting: traced?.deliveries.map(({ destination, due_at }) => ({ destination, due_at: time(due_at) })),
    attempts: traced?.attempts.map(({ at, destination, kind, status }) => ({
      at: time(at),
      destination,
      kind,
      status,
    })),
  };
}

async function hookOf(keep: Keep, { id, store, source }: FoundHook) {
  const [kept, { hooks }] = await Promise.all([keep.findHook(id), keep.findTrace({ hook_id: id })]);
  const [traced] = hooks;
  return {
    ...{ id, store, source, state: traced?.state, reason: traced?.reason },
    received_at: kept && time(kept.received_at),
    headers: kept?.content?.headers,
    body: kept?.content && readableText(kept.content.body, kept.content.headers['content-type']),
    answers: kept?.content?.answers,
  };
}

/** A visit without the hash of its visitor, which says nothing to anybody. */
const visitOf = ({ visitor: _, seen: __, started_at, seen_at, ...visit }: Visit) => ({
  started_at: time(started_at),
  seen_at: time(seen_at),
  ...visit,
});

export const exportPerson: Command = {
  usage: `${PERSON_USAGE} | --hook ID`,
  help: 'Prints as JSON what is held on a person, or on the one whom a hook with a request names',
  run: async (args, { out, err, env }) => {
    const { values } = readArguments({ args, options: { ...PERSON_OPTIONS, hook: { type: 'string' } } });
    const config = readConfig(env);
    const { hook, email, phone, order, customer, store: storeTyped } = values;
    if (
      hook !== undefined &&
      (storeTyped !== undefined || [email, phone, order, customer].some((one) => one.length > 0))
    )
      throw new OperatorError('ARGUMENT', '--hook names person and store itself', 'leave out all else');
    const typed = hook === undefined ? await readPerson(values, config) : undefined;
    return withKept(config, err, async (keep) => {
      await refuseUnknownStore(config, keep, values.store);
      const named = hook === undefined ? undefined : await personOfHook(keep, hook, config);
      const person = typed ?? named?.person;
      if (person === undefined) throw new OperatorError('ARGUMENT', 'nobody is named', PERSON_USAGE);
      const store = named?.store ?? values.store;
      const progress = createProgress('searched', await keep.countKept());
      const held: { events: object[]; hooks: object[]; unreadable: number } = { events: [], hooks: [], unreadable: 0 };
      const theirs: FoundEvent[] = [];
      for await (const found of keep.findPerson(person, { store })) {
        for (const event of found.events) held.events.push(await eventOf(keep, event));
        theirs.push(...found.events);
        for (const hook of found.hooks) held.hooks.push(await hookOf(keep, hook));
        held.unreadable += found.unreadable;
        progress.step(found.read);
      }
      const came = await keep.visitsOf(person, { store }, theirs);
      const visits = came.visits.map(visitOf);
      progress.end();
      const said = `${held.events.length} events, ${held.hooks.length} hooks, ${visits.length} visits`;
      await note(keep, { action: 'export', store, detail: `${fingerprints(person)}; ${said}` });
      const unreadable = held.unreadable + came.unreadable;
      out(JSON.stringify({ made_at: time(Date.now()), ...held, visits, unreadable }, null, 2));
      return 0;
    });
  },
};
