// The contract of incidents: one of a subject is open, each contact is told once that it began and once that it ended.
import { expect, test } from 'vitest';
import type { NewIncident } from '../../src/keep/questions/incidents.ts';
import { createIds, newId } from '../../src/lib/id.ts';
import { NOW } from './make.ts';
import type { Rig } from './rig.ts';

const MINUTE = 60_000;
const incident = (over: Partial<NewIncident> = {}): NewIncident => ({
  id: newId(),
  subject: 'hooks demo/shop',
  kind: 'silence',
  stores: ['demo'],
  title: 'demo/shop is silent',
  detail: 'No hook for 2 hours.',
  todo: 'Look at the shop.',
  path: '/sources',
  since: NOW - 120 * MINUTE,
  opened_at: NOW,
  ...over,
});

export function testIncidents(rig: Rig): void {
  const claim = async (now: number, lease_id = 'a') =>
    (await rig.keep.claimNotices({ now, lease_until: now + MINUTE, lease_id, limit: 10 })).map(
      ({ contact, phase }) => `${contact} ${phase}`,
    );
  const finish = (one: NewIncident, phase: 'open' | 'end', lease_id = 'a') =>
    rig.keep.finishNotices([{ incident_id: one.id, contact: 'all/slack', phase, sent_at: NOW }], lease_id);

  test('of many who find the same at the same time one opens an incident, and each contact is owed one notice', async () => {
    const opened = await Promise.all(
      Array.from({ length: 5 }, () => rig.keep.openIncident(incident(), ['all/slack', 'demo/email'])),
    );
    expect(opened.filter((one) => one)).toHaveLength(1);
    expect(await rig.keep.listOpenIncidents()).toHaveLength(1);
    expect((await claim(NOW)).sort()).toEqual(['all/slack open', 'demo/email open']);
  });

  test('a notice is leased to one, due again when its lease ends, and done once it is sent', async () => {
    const one = incident();
    await rig.keep.openIncident(one, ['all/slack']);
    const claims = await Promise.all(['a', 'b', 'c'].map((lease) => claim(NOW, lease)));
    expect(claims.flat()).toEqual(['all/slack open']);
    expect(await claim(NOW + MINUTE - 1)).toEqual([]);
    expect(await claim(NOW + MINUTE, 'late')).toEqual(['all/slack open']);
    await finish(one, 'open', 'a');
    expect(await claim(NOW + 2 * MINUTE, 'z')).toEqual(['all/slack open']);
    await finish(one, 'open', 'z');
    expect(await claim(NOW + 99 * MINUTE)).toEqual([]);
    expect(await rig.keep.listNotices([one.id])).toMatchObject([{ attempts: 3, sent_at: NOW, problem: undefined }]);
  });

  test('the end is told to who was told the beginning, after it, and once', async () => {
    const one = incident();
    await rig.keep.openIncident(one, ['all/slack']);
    await rig.keep.endIncident(one.id, NOW + MINUTE, 'left');
    await rig.keep.endIncident(one.id, NOW + 2 * MINUTE);
    expect(await claim(NOW + MINUTE)).toEqual(['all/slack open']);
    expect(await claim(NOW + MINUTE)).toEqual([]);
    await finish(one, 'open');
    expect(await claim(NOW + MINUTE)).toEqual(['all/slack end']);
    await finish(one, 'end');
    expect(await claim(NOW + 99 * MINUTE)).toEqual([]);
    expect(await rig.keep.listOpenIncidents()).toEqual([]);
    expect(await rig.keep.listEndedIncidents('', 10)).toMatchObject([
      { id: one.id, ended_at: NOW + MINUTE, outcome: 'left' },
    ]);
  });

  test('each contact is told of each incident for itself', async () => {
    const one = incident();
    await rig.keep.openIncident(one, ['all/slack', 'demo/email']);
    await rig.keep.openIncident(incident({ subject: 'hooks demo/crm' }), ['all/slack']);
    await claim(NOW);
    await finish(one, 'open');
    await rig.keep.endIncident(one.id, NOW);
    expect((await claim(NOW + MINUTE)).sort()).toEqual(['all/slack end', 'all/slack open', 'demo/email open']);
  });

  test('who could not be told that it began is not told that it ended', async () => {
    const one = incident();
    await rig.keep.openIncident(one, ['all/slack']);
    await claim(NOW);
    await rig.keep.finishNotices(
      [{ incident_id: one.id, contact: 'all/slack', phase: 'open', problem: 'answered 404' }],
      'a',
    );
    await rig.keep.endIncident(one.id, NOW + MINUTE);
    expect(await claim(NOW + 99 * MINUTE)).toEqual([]);
    expect(await rig.keep.listNotices([one.id])).toMatchObject([{ phase: 'open', problem: 'answered 404' }]);
  });

  test('an incident is untold while a notice of it is tried and none was sent', async () => {
    const [one, young] = [incident(), incident({ subject: 'young', opened_at: NOW + MINUTE })];
    await rig.keep.openIncident(one, ['all/slack', 'demo/email']);
    expect(await rig.keep.listUntold(NOW)).toEqual([]);
    const failed = { incident_id: one.id, phase: 'open', problem: 'answered 404', retry: NOW + MINUTE } as const;
    await claim(NOW);
    await rig.keep.finishNotices(
      ['demo/email', 'all/slack'].map((contact) => ({ ...failed, contact })),
      'a',
    );
    const why = { problem: 'answered 404', stores: ['demo'] };
    expect(await rig.keep.listUntold(NOW)).toEqual([
      { contact: 'all/slack', ...why },
      { contact: 'demo/email', ...why },
    ]);
    expect(await rig.keep.listUntold(NOW - 1)).toEqual([]);
    await claim(NOW + MINUTE);
    await finish(one, 'open');
    expect(await rig.keep.listUntold(NOW)).toEqual([]);
    await rig.keep.openIncident(young, ['all/slack']);
    await claim(NOW + MINUTE, 'b');
    await rig.keep.finishNotices([{ ...failed, incident_id: young.id, contact: 'all/slack' }], 'b');
    expect(await rig.keep.listUntold(NOW + MINUTE)).toHaveLength(1);
    await rig.keep.endIncident(young.id, NOW + MINUTE);
    expect(await rig.keep.listUntold(NOW + MINUTE)).toEqual([]);
  });

  test('an incident is calm from when nothing more is seen of it, and not when it is seen again', async () => {
    const [one, other] = [incident(), incident({ subject: 'hooks demo/crm' })];
    for (const each of [one, other]) await rig.keep.openIncident(each, []);
    await rig.keep.calmIncident(one.id, NOW);
    expect(await rig.keep.listOpenIncidents()).toMatchObject([
      { id: one.id, calm_since: NOW, stores: ['demo'] },
      { id: other.id, calm_since: undefined },
    ]);
    await rig.keep.calmIncident(one.id, undefined);
    expect(await rig.keep.findIncidents([one.id])).toMatchObject([{ calm_since: undefined }]);
  });

  test('one holder watches at a time; after a gap the watch begins anew', async () => {
    const take = (holder: string, now: number) =>
      rig.keep.takeWatch({ holder, now, lease_until: now + 2 * MINUTE, gap: 10 * MINUTE });
    expect(await take('a', NOW)).toBe(NOW);
    expect(await take('b', NOW + MINUTE)).toBeUndefined();
    expect(await take('a', NOW + MINUTE)).toBe(NOW);
    expect(await take('b', NOW + 4 * MINUTE)).toBe(NOW);
    await rig.keep.leaveWatch('a');
    expect(await take('c', NOW + 4 * MINUTE)).toBeUndefined();
    await rig.keep.leaveWatch('b');
    expect(await take('c', NOW + 4 * MINUTE)).toBe(NOW);
    expect(await take('c', NOW + 20 * MINUTE)).toBe(NOW + 20 * MINUTE);
    expect(await take('d', NOW - 999 * MINUTE)).toBe(NOW - 999 * MINUTE);
  });

  test('who asked a moment before the holder, and is heard after it, does not take the watch from it', async () => {
    const take = (holder: string, now: number) =>
      rig.keep.takeWatch({ holder, now, lease_until: now + 2 * MINUTE, gap: 10 * MINUTE });
    expect(await take('a', NOW)).toBe(NOW);
    expect(await take('b', NOW - 1)).toBeUndefined();
    expect(await take('b', NOW - MINUTE)).toBeUndefined();
    expect(await take('a', NOW + MINUTE)).toBe(NOW);
  });

  test('a source is known since it was first named', async () => {
    const shop = { store: 'demo', source: 'shop' };
    await rig.keep.knowSources([shop], NOW);
    const crm = { store: 'demo', source: 'crm' };
    const known = await rig.keep.knowSources([shop, crm], NOW + MINUTE);
    expect(known).toHaveLength(2);
    expect(known).toContainEqual({ ...shop, known_since: NOW });
    expect(known).toContainEqual({ ...crm, known_since: NOW + MINUTE });
  });

  test('what was mended since a time is listed by its kind', async () => {
    const DAY = 86_400_000;
    const ends = { late: ['mended', 1], early: ['mended', 9], left: ['left', 1] } as const;
    for (const [subject, [outcome, days]] of Object.entries(ends)) {
      const opened_at = NOW - 10 * DAY;
      const one = incident({
        id: createIds(() => opened_at)(),
        subject: `mended ${subject}`,
        kind: 'value',
        opened_at,
      });
      await rig.keep.openIncident(one, []);
      await rig.keep.endIncident(one.id, NOW - days * DAY, outcome);
    }
    const late = { subject: 'mended late', opened_at: NOW - 10 * DAY };
    expect(await rig.keep.listMended(['match', 'value'], NOW - 8 * DAY)).toEqual([late]);
    expect(await rig.keep.listMended(['match'], NOW - 8 * DAY)).toEqual([]);
  });

  test('tries are counted, and more than the rate allows must wait', async () => {
    const rate = { every: MINUTE, burst: 2 };
    const take = (now: number, key = 'somebody') => rig.keep.takeTry(key, rate, now);
    expect([await take(NOW), await take(NOW)]).toEqual([0, 0]);
    expect(await take(NOW)).toBe(MINUTE);
    expect(await take(NOW + MINUTE)).toBe(0);
    for (let times = 0; times < 2; times++) await take(NOW + MINUTE, 'another');
    await rig.keep.clearTries('somebody');
    expect(await take(NOW + MINUTE)).toBe(0);
    expect(await take(NOW + MINUTE, 'another')).toBe(MINUTE);
    const atOnce = await Promise.all(Array.from({ length: 9 }, () => take(NOW, 'many')));
    expect(atOnce.filter((wait) => wait === 0)).toHaveLength(2);
  });

  test('tries are not refused for longer than they ever are because the clock was set back', async () => {
    const rate = { every: MINUTE, burst: 2 };
    const take = (now: number) => rig.keep.takeTry('somebody late', rate, now);
    expect([await take(NOW), await take(NOW), await take(NOW)]).toEqual([0, 0, MINUTE]);
    const back = NOW - 60 * MINUTE;
    expect([await take(back), await take(back), await take(back)]).toEqual([0, 0, MINUTE]);
  });

  test('tries that are held begin one by one when the hold ends, and a shorter hold changes nothing', async () => {
    const rate = { every: MINUTE, burst: 3, held: 10 * MINUTE };
    const take = (now: number) => rig.keep.takeTry('an API', rate, now);
    await rig.keep.holdTries('an API', rate, NOW + 5 * MINUTE);
    await rig.keep.holdTries('an API', rate, NOW + MINUTE);
    expect(await take(NOW)).toBe(5 * MINUTE);
    expect([await take(NOW + 5 * MINUTE), await take(NOW + 5 * MINUTE)]).toEqual([0, MINUTE]);
    await rig.keep.clearTries('an API');
  });

  test('one that is over is forgotten with its notices and the audit of its time; what is open or ended later stays', async () => {
    const DAY = 86_400_000;
    const limit = NOW - 400 * DAY;
    const of = (subject: string, days: number) => {
      const opened_at = NOW - days * DAY;
      return incident({ id: createIds(() => opened_at)(), subject, since: opened_at, opened_at });
    };
    const [over, late, open, young] = [of('over', 450), of('late', 449), of('open', 500), of('young', 399)];
    for (const one of [over, late, open, young]) await rig.keep.openIncident(one, ['all/slack']);
    await rig.keep.endIncident(over.id, NOW - 448 * DAY);
    await rig.keep.endIncident(late.id, NOW - 399 * DAY);
    await rig.keep.endIncident(young.id, NOW - 398 * DAY);
    const write = "insert into audit (id, at, actor, action, detail) values ($1, $2, 'ann', 'paused', $3)";
    const rows = [over, young].map(({ id, opened_at, subject }) => [id, opened_at, subject]);
    await rig.db.transaction([{ sql: write, rows }]);
    const none = { bodies: 0, keys: 0, attempts: 0, orders: 0, visits: 0 };
    const forget = () => rig.keep.forget({ ...none, audit: limit }, new AbortController().signal);
    expect(await forget()).toMatchObject({ incidents: 1, audit: 1 });
    expect(await forget()).toMatchObject({ incidents: 0, audit: 0 });
    expect((await rig.keep.listOpenIncidents()).map(({ subject }) => subject)).toEqual(['open']);
    expect((await rig.keep.listEndedIncidents('', 9)).map(({ subject }) => subject)).toEqual(['young', 'late']);
    const told = await rig.keep.listNotices([over, late, open, young].map(({ id }) => id));
    expect([...new Set(told.map(({ incident_id }) => incident_id))].sort()).toEqual(
      [open.id, late.id, young.id].sort(),
    );
    expect((await rig.keep.listAudit(0)).map(({ detail }) => detail)).toEqual(['young']);
  });
}
