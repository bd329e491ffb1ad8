// Look-ups at an API that is sick, asks for a pause, or may be asked only so often: what waits, and until when.
import { describe, expect, test } from 'vitest';
import { KeepError } from '../../src/keep/error.ts';
import { NOW, thinHook } from '../support/thin.ts';
import { type Answer, breaksOff, CONTACT, HOUR, json, MINUTE, useLookups } from './lookups-rig.ts';

const rig = useLookups();
const { ask, map, questions, replica, sourceWith } = rig;

describe('an API that is sick', () => {
  test.each([
    ['answers 503', (_, response) => void response.writeHead(503).end(), 'the API answers 503'],
    ['hangs up', (_, response) => void response.destroy(), 'no answer (reset)'],
  ] as [string, Answer, string][])(
    'and %s lets the hook wait as long again as it has waited',
    async (_, sick, words) => {
      rig.answer = sick;
      const source = sourceWith();
      expect((await map(source)).waits).toEqual({
        due_at: NOW + 10_000,
        reason: `waits for the e-mail and the click id: ${words}`,
      });
      rig.now = NOW + 20 * MINUTE;
      expect((await map(source)).waits?.due_at).toBe(rig.now + 20 * MINUTE);
      rig.now = NOW + 5 * HOUR;
      expect((await map(source)).waits?.due_at).toBe(rig.now + HOUR);
    },
  );

  test('and breaks off in the middle of an answer is asked again, and none of it is remembered', async () => {
    rig.answer = breaksOff(CONTACT);
    const source = sourceWith({ cache: '10m' });
    expect((await map(source)).waits?.reason).toContain('the answer broke off');
    rig.answer = json(CONTACT);
    expect((await map(source)).mapped.events[0]?.event.user_data?.email_address).toBe('ann@example.com');
  });

  test('is waited for six hours, then the hook is mapped without', async () => {
    rig.answer = (_, response) => void response.writeHead(503).end();
    rig.now = NOW + 6 * HOUR;
    const { mapped, waits } = await map(sourceWith());
    expect(waits).toBeUndefined();
    expect(mapped).toMatchObject({ verdict: 'mapped', reason: expect.stringContaining('has waited long enough') });
  });

  test('for one record lets its neighbours go', async () => {
    rig.answer = ({ url }, response) => void response.writeHead(url.endsWith('/8') ? 503 : 200).end(CONTACT);
    const { mapped, waits, answers } = await map(sourceWith(), thinHook(7, 8, 9));
    expect(mapped.events.map(({ key }) => key)).toEqual(['generate_lead:7', 'generate_lead:9']);
    expect(waits).toBeDefined();
    expect(Object.keys(answers)).toHaveLength(2);
  });

  test('that asks for a pause (429) is left alone until it is over, for all look-ups of the account', async () => {
    rig.answer = (_, response) => void response.writeHead(429, { 'retry-after': '30' }).end();
    const source = sourceWith();
    expect((await map(source)).waits?.due_at).toBe(NOW + 30_000);
    rig.now += 29_000;
    expect((await map(source, thinHook(8))).waits?.due_at).toBe(NOW + 30_000);
    expect(rig.api.received).toHaveLength(1);
    rig.now += 1_001;
    rig.answer = json(CONTACT);
    expect((await map(source)).mapped.events).toHaveLength(1);
  });

  test('that asked for a pause (429) is asked again after the clock was set back, not when the clock is there again', async () => {
    rig.answer = (_, response) => void response.writeHead(429, { 'retry-after': '30' }).end();
    const source = sourceWith();
    // Time goes by between any two looks at the clock.
    rig.lookups = replica(() => rig.now++);
    await map(source);
    rig.answer = json(CONTACT);
    rig.now -= 24 * HOUR;
    expect((await map(source)).mapped.events).toHaveLength(1);
  });

  test('that asks for a pause (429) is left alone also when the database cannot note it', async () => {
    rig.answer = (_, response) => void response.writeHead(429, { 'retry-after': '30' }).end();
    const source = sourceWith();
    const run = (sql: string) => rig.own.db.transaction([{ sql, rows: [[]] }]);
    await run("create trigger refuse before update on throttles begin select raise(abort, 'no'); end");
    await expect(map(source)).rejects.toBeInstanceOf(KeepError);
    await run('drop trigger refuse');
    expect((await map(source)).waits?.due_at).toBe(NOW + 30_000);
    expect(rig.api.received).toHaveLength(1);
  });
});

describe('a rate', () => {
  test('lets a second’s worth go and gives the others their turns', async () => {
    const source = sourceWith({ rate: '2/s' });
    const given = await ask(source, 1, 2, 3, 4);
    expect(rig.api.received).toHaveLength(2);
    expect(given.slice(2)).toMatchObject([{ later: NOW + 500 }, { later: NOW + 1_000 }]);
    rig.now += 500;
    await ask(source, 3);
    expect(rig.api.received).toHaveLength(3);
  });

  test('is one for all replicas', async () => {
    const source = sourceWith({ rate: '2/s' });
    const asked = await questions(source, 1, 2, 3);
    const replicas = [replica(), replica(), replica()];
    const given = await Promise.all(
      replicas.map((one, index) => Promise.all(asked.slice(index, index + 1).map((ask) => one.ask(source, ask)))),
    );
    expect(rig.api.received).toHaveLength(2);
    expect(given.flat().filter((one) => 'later' in one)).toMatchObject([{ later: NOW + 500 }]);
  });

  test('of nothing until a time, which an API asks one replica for, holds for the others', async () => {
    rig.answer = (_, response) => void response.writeHead(429, { 'retry-after': '30' }).end();
    const source = sourceWith({ rate: '5/s' });
    const [first, second] = await questions(source, 1, 2);
    if (first === undefined || second === undefined) throw new Error('two questions');
    await rig.lookups.ask(source, first);
    const other = replica();
    expect(await other.ask(source, second)).toMatchObject({ later: NOW + 30_000 });
    expect(rig.api.received).toHaveLength(1);
    rig.now += 30_000;
    rig.answer = json(CONTACT);
    expect(await other.ask(source, second)).not.toHaveProperty('later');
  });

  test('that a large hook is beyond is kept over several turns', async () => {
    const source = sourceWith({ rate: '2/s' });
    let hook: Parameters<typeof map>[1] = thinHook(1, 2, 3, 4, 5);
    for (let turn = 0; turn < 5; turn++) {
      const { waits, answers, mapped } = await map(source, hook);
      if (waits === undefined) {
        expect(mapped.events).toHaveLength(5);
        expect(rig.api.received).toHaveLength(5);
        return;
      }
      hook = { ...hook, answers };
      rig.now = Math.max(waits.due_at, rig.now + 1_000);
    }
    throw new Error('it never came to an end');
  });
});
