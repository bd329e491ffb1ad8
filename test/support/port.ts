// Ports of this machine: any that is free, or one for who must know it before anybody listens there.
import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type Server } from 'node:net';

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

/** Listens on a port of 127.0.0.1 that the system chooses, and answers which. */
export async function listenAnywhere(server: Server): Promise<number> {
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const address = server.address();
  if (typeof address !== 'object' || address === null) throw new Error('the server does not listen');
  return address.port;
}
