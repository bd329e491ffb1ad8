// A wire between bridges and a server that can be cut in the ways networks are: nothing passes, and nobody is told.
import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';

export type Relay = {
  port: number;
  /** The server at the other end, which may change. */
  target: (port: number) => void;
  /** While frozen connections stay open and nothing passes. */
  freeze: (frozen: boolean) => void;
  close: () => void;
};

export async function createRelay(first: number): Promise<Relay> {
  let port = first;
  let frozen = false;
  const sockets = new Set<Socket>();
  const keep = (socket: Socket): void => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket)).on('error', () => undefined);
    if (frozen) socket.pause();
  };
  const server = createServer((near) => {
    const far = connect(port, '127.0.0.1');
    keep(near);
    keep(far);
    for (const [from, to] of [
      [near, far],
      [far, near],
    ] as const) {
      from.on('data', (chunk) => {
        if (!frozen) to.write(chunk);
      });
      from.on('close', () => {
        if (!frozen) to.destroy();
      });
    }
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  return {
    port: typeof address === 'object' && address !== null ? address.port : 0,
    target: (next) => {
      port = next;
    },
    freeze: (now) => {
      frozen = now;
      for (const socket of sockets) {
        if (now) socket.pause();
        else socket.resume();
      }
    },
    close: () => {
      server.close();
      for (const socket of sockets) socket.destroy();
    },
  };
}
