// Loaded before the bridge: the process dies when a destination's 2xx has come and before anything notes it.
import { subscribe } from 'node:diagnostics_channel';

const after = Number(process.env.FAULTS_AFTER ?? '1');
let answers = 0;

subscribe('undici:request:headers', () => {
  answers += 1;
  if (answers >= after) process.kill(process.pid, 'SIGKILL');
});
