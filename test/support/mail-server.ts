// A mail server on a free port that takes what it is given, or refuses it, as the test says. Just enough SMTP (RFC 5321).
import { createServer, type Socket } from 'node:net';
import { listenAnywhere } from './port.ts';

export type Taken = { from: string; to: string[]; data: string };

/** `refuse` is the answer to a message, such as `550 no such user`. */
export async function startMailServer({ refuse }: { refuse?: string } = {}) {
  const taken: Taken[] = [];
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket)).on('error', () => undefined);
    let mail: Taken = { from: '', to: [], data: '' };
    let isData = false;
    let rest = '';
    const say = (line: string) => socket.write(`${line}\r\n`);
    const hear = (line: string): void => {
      const address = /<([^>]*)>/.exec(line)?.[1] ?? '';
      if (isData && line !== '.') mail.data += `${line}\n`;
      else if (isData) {
        isData = false;
        taken.push(mail);
        mail = { from: '', to: [], data: '' };
        say('250 taken');
      } else if (/^(ehlo|helo)/i.test(line)) say('250 mail.example');
      else if (/^mail from/i.test(line)) {
        mail.from = address;
        say('250 ok');
      } else if (/^rcpt to/i.test(line)) {
        mail.to.push(address);
        say(refuse ?? '250 ok');
      } else if (/^data/i.test(line)) {
        isData = true;
        say('354 go on');
      } else if (/^quit/i.test(line)) socket.end('221 bye\r\n');
      else say('250 ok');
    };
    socket.on('data', (chunk) => {
      const lines = (rest + chunk.toString()).split('\r\n');
      rest = lines.pop() ?? '';
      for (const line of lines) hear(line);
    });
    say('220 mail.example');
  });
  const port = await listenAnywhere(server);
  return {
    taken,
    url: `smtp://127.0.0.1:${port}`,
    close: async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
