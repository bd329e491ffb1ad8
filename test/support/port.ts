// A port for who must know it before anybody listens there, or who comes back to it after a while away.
import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:net';

/**
 * Below those that systems hand out by themselves: one of theirs may be somebody else's a moment later. The port is free
 * now, and another test that asks at the same time gets this one once in thousands of times.
 */
const FIRST = 12_000;
const LAST = 32_000;

/** A port of 127.0.0.1 that is free, and is given to nobody who asks for any. */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = randomInt(FIRST, LAST);
    const probe = createServer().listen(port, '127.0.0.1');
    const isFree = await once(probe, 'listening').then(
      () => true,
      () => false,
    );
    if (!isFree) continue;
    probe.close();
    await once(probe, 'close');
    return port;
  }
}
