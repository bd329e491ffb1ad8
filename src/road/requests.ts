// Requests about a person or a shop, carried out: erased or counted, written into the audit, told in the hook's reason.
import { LEASE_MS } from '../deliver/questions.ts';
import type { Keep } from '../keep/keep.ts';
import type { Person } from '../keep/person.ts';
import { fingerprints } from '../keep/questions/audit.ts';
import { describeErased } from '../keep/questions/erase.ts';
import { describeError } from '../lib/errors.ts';
import type { Log } from '../lib/log.ts';
import type { Request } from '../map/request.ts';
import type { Clock, Hook } from '../types.ts';

export type ComplyParts = {
  keep: Pick<Keep, 'findPerson' | 'erasePerson' | 'eraseSource' | 'holdHook' | 'writeAudit'>;
  now: Clock;
  log: Pick<Log, 'info' | 'error'>;
  /** Leaves the work to the next start of the service. */
  signal: AbortSignal;
};
/** What became of it; with `waits` it is to be tried again. The body of a request that was carried out is not needed. */
export type Complied = { reason: string; forget_body: boolean } | { waits: { due_at: number; reason: string } };
export type Comply = (
  hook: Pick<Hook, 'id' | 'store' | 'source'>,
  lease_id: string,
  request: Request,
) => Promise<Complied>;

const NEXT_MS = 2_000;
const AGAIN_MS = 60_000;

/** One request is carried out at a time, because each goes through all that is kept. */
export function createComply({ keep, now, log, signal }: ComplyParts): Comply {
  let busy = false;

  /** Keeps the lease while the work goes on. */
  const holding = (id: string, lease_id: string) => {
    let held = Number.NEGATIVE_INFINITY;
    return async (): Promise<void> => {
      signal.throwIfAborted();
      if (now() - held < LEASE_MS / 3) return;
      held = now();
      await keep.holdHook(id, lease_id, held + LEASE_MS);
    };
  };

  const count = async (person: Person, store: string, onPage: () => Promise<void>) => {
    let [events, hooks] = [0, 0];
    for await (const found of keep.findPerson(person, { store })) {
      events += found.events.length;
      hooks += found.hooks.length;
      await onPage();
    }
    return { events, hooks };
  };

  const carryOut: Comply = async ({ id, store, source }, lease_id, request) => {
    const onProgress = holding(id, lease_id);
    await onProgress();
    const audit = (detail: string) =>
      keep.writeAudit({ at: now(), actor: `hook ${id}`, action: request.do, store, detail });
    const options = { now: now(), spare: id, onProgress };
    if (request.do === 'erase_source') {
      const said = describeErased(await keep.eraseSource({ store, source }, options));
      await audit(`source:${source}; ${said}`);
      return { reason: `everything of this source was erased: ${said}`, forget_body: true };
    }
    if (request.do === 'erase') {
      const said = describeErased(await keep.erasePerson(request.person, { store }, options));
      await audit(`${fingerprints(request.person)}; ${said}`);
      return { reason: `a person was erased: ${said}`, forget_body: true };
    }
    const { events, hooks } = await count(request.person, store, onProgress);
    // This hook is one of them.
    const said = `${events} events and ${hooks - 1} other hooks`;
    await audit(`${fingerprints(request.person)}; ${said}`);
    const reason = `a person asks what is held of them: ${said}; tagbridge export --hook ${id} prints it`;
    return { reason, forget_body: false };
  };

  return async (hook, lease_id, request) => {
    const later = (ms: number, reason: string): Complied => ({ waits: { due_at: now() + ms, reason } });
    if (busy) return later(NEXT_MS, 'waits until another request was carried out');
    busy = true;
    try {
      const complied = await carryOut(hook, lease_id, request);
      log.info({ hook: hook.id, store: hook.store, request: request.do }, 'request.carried_out');
      return complied;
    } catch (error) {
      if (signal.aborted) return later(0, 'goes on when the service runs again');
      log.error({ hook: hook.id, error: describeError(error) }, 'request.failed');
      return later(AGAIN_MS, 'could not be carried out, the log says why; it is tried again');
    } finally {
      busy = false;
    }
  };
}
