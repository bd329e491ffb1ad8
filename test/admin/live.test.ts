// Parts of pages that are pushed: who gets them, how many may, and when they end; real connections on port 0.
import { createServer, type Server } from 'node:http';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { createLive, type Follower, type Live } from '../../src/admin/live.ts';
import { openSqlite } from '../../src/keep/sqlite/sqlite.ts';
import { type Browser, becomeAdmin, becomeRole, createBrowser } from '../support/browser.ts';
import { fromShopify, lampOrder, post } from '../support/hooks.ts';
import { listenAnywhere } from '../support/port.ts';
import { eventually, type Rig, startRig } from '../support/service.ts';
import { TOKEN_REFUSED, traceOf } from '../support/shop.ts';

/** Collects what a stream says until it ends. */
function listen(reply: Response) {
  const heard: { event: string; data: string }[] = [];
  const reading = (async () => {
    let text = '';
    for await (const chunk of reply.body?.pipeThrough(new TextDecoderStream()) ?? []) {
      const parts = (text + chunk).split('\n\n');
      text = parts.pop() ?? '';
      for (const part of parts) {
        const event = /^event: (.*)$/m.exec(part)?.[1];
        const data = [...part.matchAll(/^data: (.*)$/gm)].map(([, line = '']) => line).join('\n');
        if (event !== undefined) heard.push({ event, data });
      }
    }
  })();
  let ended = false;
  reading.then(
    () => {
      ended = true;
    },
    () => undefined,
  );
  return {
    heard,
    ended: () => ended,
    parts: () => heard.filter(({ event }) => event === 'part').map(({ data }) => data),
  };
}

const cookieOf = (browser: Browser) => [...browser.cookies].map(([name, value]) => `${name}=${value}`).join('; ');

describe('a stream', () => {
  let server: Server;
  let origin: string;
  let live: Live;
  let state: { text: string; may: boolean; reads: number };
  const stop = () => ending.abort();
  let ending: AbortController;
  let errors: unknown[];
  beforeEach(async () => {
    ending = new AbortController();
    errors = [];
    state = { text: 'one\ntwo', may: true, reads: 0 };
    live = createLive({ signal: ending.signal, onError: (error) => errors.push(error), every: 5 });
    server = createServer(async (request, response) => {
      const follower: Follower = {
        session: request.url ?? '',
        markup: async () => {
          state.reads += 1;
          if (state.text === 'broken') throw new Error('broken');
          return state.text;
        },
        may: async () => state.may,
      };
      if (!(await live.follow(response, follower))) response.writeHead(503).end();
    });
    origin = `http://127.0.0.1:${await listenAnywhere(server)}`;
  });
  afterEach(async () => {
    stop();
    server.closeAllConnections();
    server.close();
  });

  test('says the part at once, then only what is new, and meanwhile that it lives', async () => {
    const reply = await fetch(origin);
    expect(reply.headers.get('content-type')).toContain('text/event-stream');
    const stream = listen(reply);
    await eventually(() => stream.heard.length > 3, 'it says that it lives');
    expect(stream.heard[0]).toEqual({ event: 'part', data: 'one\ntwo' });
    expect(stream.heard[1]).toEqual({ event: 'same', data: '' });
    state.text = 'three';
    await eventually(() => stream.parts().length > 1, 'it says what is new');
    expect(stream.parts()).toEqual(['one\ntwo', 'three']);
  });

  test('ends when the session does', async () => {
    const stream = listen(await fetch(origin));
    state.may = false;
    await eventually(stream.ended, 'it ended');
  });

  test('ends at shutdown, and no other begins', async () => {
    const stream = listen(await fetch(origin));
    stop();
    await eventually(stream.ended, 'it ended');
    expect((await fetch(origin)).status).toBe(503);
  });

  test('that fails ends, and is told once', async () => {
    const stream = listen(await fetch(origin));
    state.text = 'broken';
    await eventually(stream.ended, 'it ended');
    expect(errors).toHaveLength(1);
  });

  test('is refused to the ninth page of a session, and to the 101st of all, until one is closed', async () => {
    const open = async (session: string) => {
      const closing = new AbortController();
      const reply = await fetch(`${origin}/${session}`, { signal: closing.signal });
      // The whole reply is held: one that is cleared away as garbage ends its stream.
      return { reply, status: reply.status, close: () => closing.abort() };
    };
    const own = await Promise.all(Array.from({ length: 8 }, () => open('a')));
    expect((await open('a')).status).toBe(503);
    const others = await Promise.all(Array.from({ length: 92 }, (_, index) => open(`other ${index}`)));
    expect([...own, ...others].every(({ status }) => status === 200)).toBe(true);
    expect((await open('one more')).status).toBe(503);
    own[0]?.close();
    await eventually(async () => (await open('a')).status === 200, 'there is room again');
  });

  test('reads nothing when nobody listens any more', async () => {
    const closing = new AbortController();
    await fetch(origin, { signal: closing.signal });
    closing.abort();
    await eventually(async () => {
      const before = state.reads;
      await new Promise((resolve) => setTimeout(resolve, 30));
      return state.reads === before;
    }, 'nothing is read');
  });
});

describe('the stream of the overview', () => {
  let rig: Rig;
  let admin: Browser;
  beforeAll(async () => {
    rig = await startRig();
    admin = await becomeAdmin(rig);
  });
  afterAll(() => rig.close());
  const follow = (browser: Browser) =>
    fetch(`${rig.service.adminUrl}/live/stream`, {
      redirect: 'manual',
      headers: { accept: 'text/event-stream', cookie: cookieOf(browser) },
    });

  test('tells what came meanwhile', async () => {
    const stream = listen(await follow(admin));
    await eventually(() => stream.parts().length > 0, 'the first part came');
    await post(rig.service.url, fromShopify(lampOrder(1042)));
    await eventually(() => stream.parts().some((part) => /EUR\s100\.00/.test(part)), 'the order is told', 30_000);
  });

  test('is for those who may see the page', async () => {
    expect((await follow(createBrowser(rig.service.adminUrl))).status).toBe(303);
    expect((await follow(await becomeRole(rig, admin, 'sales'))).status).toBe(403);
  });

  test('does not keep a session alive that nobody uses', async () => {
    const { db, close } = await openSqlite({ path: join(rig.folder, 'data/tagbridge.db') });
    const seen = async () => (await db.query('select min(seen_at) as seen_at from sessions'))[0]?.seen_at;
    const earlier = Date.now() - 20 * 60_000;
    await db.transaction([{ sql: 'update sessions set seen_at = $1', rows: [[earlier]] }]);
    const reply = await follow(admin);
    expect([reply.status, await seen()]).toEqual([200, earlier]);
    await reply.body?.cancel();
    await admin.get('/hooks');
    await db.transaction([{ sql: 'delete from sessions where seen_at = $1', rows: [[earlier]] }]);
    expect(await seen()).toBeGreaterThan(earlier);
    await close();
  });

  test('ends when the service stops, which does not wait for it', async () => {
    const own = await startRig();
    const browser = await becomeAdmin(own);
    const reply = await fetch(`${own.service.adminUrl}/live/stream`, { headers: { cookie: cookieOf(browser) } });
    const stream = listen(reply);
    await eventually(() => stream.parts().length > 0, 'the first part came');
    await own.close();
    await eventually(stream.ended, 'the stream ended');
  });
});

describe('the trace of a hook', () => {
  let rig: Rig;
  let admin: Browser;
  beforeAll(async () => {
    rig = await startRig();
    admin = await becomeAdmin(rig);
  });
  afterAll(() => rig.close());

  test('tells by itself what becomes of it, and is still when all has ended', async () => {
    const account = '1234567890123456';
    // Who sends pauses it, and knows that at once; of a pause by hand it hears within a second, and may be sending.
    rig.standins.meta.fail(TOKEN_REFUSED, { times: 1 });
    await post(rig.service.url, fromShopify(lampOrder(1042)));
    const path = await traceOf(admin, '1042');
    await eventually(
      async () => (await admin.get(path)).text.includes('this destination is paused'),
      'the delivery to Meta waits',
    );
    const live = `${path}/live/stream`;
    expect((await admin.get(path)).text).toContain(`data-stream="${live}"`);
    const closing = new AbortController();
    const { signal } = closing;
    const stream = listen(await fetch(rig.service.adminUrl + live, { headers: { cookie: cookieOf(admin) }, signal }));
    await eventually(
      () => stream.parts().some((part) => part.includes('this destination is paused')),
      'the first part came',
    );
    await admin.submit('/destinations/resume', { account });
    await eventually(
      () => !stream.parts().at(-1)?.includes('this destination is paused'),
      'it is told that it went on',
      30_000,
    );
    await eventually(async () => !(await admin.get(path)).text.includes('data-stream'), 'all has ended', 30_000);
    closing.abort();
  });

  test('is streamed to nobody who may not see it', async () => {
    const path = await traceOf(admin, '1042');
    const { status } = await createBrowser(rig.service.adminUrl).get(`${path}/live/stream`);
    expect(status).toBe(303);
  });
});
