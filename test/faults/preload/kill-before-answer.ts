// Loaded before the bridge: the process dies when a hook is kept and its 200 is about to be written.
import { ServerResponse } from 'node:http';

const after = Number(process.env.FAULTS_AFTER ?? '1');
const writeHead = ServerResponse.prototype.writeHead;
let answers = 0;

ServerResponse.prototype.writeHead = function (this: ServerResponse, ...args: Parameters<typeof writeHead>) {
  if (this.req.method === 'POST' && args[0] === 200) answers += 1;
  if (answers >= after) process.kill(process.pid, 'SIGKILL');
  return writeHead.apply(this, args);
} as typeof writeHead;
