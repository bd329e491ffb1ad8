// API routes that put things to work again: by cause, one hook, one delivery. With dry_run they say what would happen.
import { z } from 'zod';
import type { ListedDelivery } from '../../keep/questions/ends.ts';
import type { Token } from '../../keep/questions/tokens.ts';
import type { Item } from '../problems/causes.ts';
import { eachItem } from '../problems/each.ts';
import type { Audit } from '../route.ts';
import { actorOf } from '../tokens/tokens.ts';
import { notFound, word } from './asked.ts';
import { type ApiRoute, json, PLAIN, problem, route } from './route.ts';
import * as schemas from './schemas.ts';
import { eventTrace, iso } from './shapes.ts';
import type { ViewOf } from './view.ts';

export type ActApiParts = {
  viewOf: ViewOf;
  mapAgain: (ids: readonly string[]) => Promise<void>;
  findEnd: (event_id: string, destination: string) => Promise<ListedDelivery | undefined>;
  /** Answers how many are sent again. */
  sendAgain: (deliveries: readonly ListedDelivery[]) => Promise<number>;
  replay: (items: readonly Item[]) => Promise<number>;
  audit: Audit;
};

const SHOWN = 20;
const dry_run = z.boolean().default(false).describe('true: says what would happen and does nothing');
const post = { ...PLAIN, method: 'post', scope: 'act', keyed: true } as const;

const Replay = z.strictObject({
  store: word,
  place: word.describe('A source for stuck hooks, a destination for the other kinds'),
  kind: z.enum(['stuck', 'rejected', 'expired', 'dead']),
  cause: z
    .string()
    .max(400)
    .optional()
    .describe('As in the list of problems; without it, everything of this kind there'),
  dry_run,
});

export function actApi({ viewOf, mapAgain, findEnd, sendAgain, replay, audit }: ActApiParts): ApiRoute[] {
  const note = (token: Token, action: string, store: string, detail: string) =>
    audit({ actor: actorOf(token), action, store, detail });

  return [
    route({
      ...post,
      path: '/replays',
      id: 'replay',
      summary: 'Maps stuck hooks again, or sends dead deliveries again, all of one cause',
      tool: 'Take store, place, kind and cause from listProblems. Mend the cause first, or it fails again in the same way. An event that a destination took already is not sent there again.',
      problems: [404],
      body: Replay,
      answer: schemas.Replayed,
      run: async ({ token, body: { dry_run: isDry, cause, ...place } }) => {
        const view = viewOf(token);
        if (!view.has(place.store)) return problem(404, 'There is no such store.');
        const newest: Item[] = [];
        let count = 0;
        await eachItem(view.troubledOf, { ...place, cause }, async (found) => {
          newest.push(...found.slice(0, SHOWN - newest.length));
          count += isDry ? found.length : await replay(found);
        });
        if (!isDry) await note(token, 'replayed', place.store, `${count} ${place.kind} of ${place.place}`);
        return json({
          dry_run: isDry,
          count,
          newest: newest.map(({ hook_id, at, reason }) => ({ hook_id, at: iso(at), reason })),
        });
      },
    }),
    route({
      ...post,
      path: '/hooks/{id}/map',
      id: 'mapHookAgain',
      summary: 'Maps a hook once more by the mapping files of now; events that are there are not made twice',
      problems: [404, 409],
      params: z.strictObject({ id: z.uuid() }),
      body: z.strictObject({ dry_run }),
      answer: schemas.Mapped,
      run: async ({ token, params: { id }, body: { dry_run: isDry } }) => {
        const trace = await viewOf(token).hook(id);
        if (trace === undefined) return notFound('hook with this id');
        const { mapped, hook } = trace;
        if (mapped === undefined) return problem(409, 'It cannot be mapped again: its body or its source is gone.');
        if (!isDry) {
          await mapAgain([id]);
          await note(token, 'mapped again', hook.store, `hook ${id}`);
        }
        const events = mapped.rules.flatMap((rule) => rule.events.map(({ name, key }) => ({ name, key })));
        return json({ dry_run: isDry, verdict: mapped.verdict, reason: mapped.reason, events });
      },
    }),
    route({
      ...post,
      path: '/deliveries/send',
      id: 'sendAgain',
      summary: 'Sends one more copy of a delivery that has ended; what arrived before may count twice there',
      problems: [409],
      body: z.strictObject({
        event_id: z.uuid(),
        destination: word,
        copy: z
          .int()
          .min(0)
          .describe('The copy that ended, as in the lists: of two requests after the same end one is enough'),
        dry_run,
      }),
      answer: schemas.Sent,
      run: async ({ token, body: { event_id, destination, copy, dry_run: isDry } }) => {
        const view = viewOf(token);
        const end = await findEnd(event_id, destination);
        if (end === undefined || !view.has(end.store) || end.copy !== copy)
          return problem(409, 'It is on its way, it was never there, or another copy ended last.');
        const trace = await view.hook(end.hook_id);
        const event = trace?.events.find(({ id }) => id === event_id);
        const way =
          event &&
          eventTrace(event, [], { showData: false }).destinations.find((one) => one.destination === destination);
        if (way?.known !== true) return problem(409, 'No store file names this destination any more.');
        if (!isDry) {
          await sendAgain([end]);
          await note(token, 'sent again', end.store, `event ${event_id} to ${destination}`);
        }
        return json({ dry_run: isDry, copy: copy + 1, request: way.request, refused: way.refused });
      },
    }),
  ];
}
