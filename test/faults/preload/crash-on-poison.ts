// Loaded before the bridge: a work thread that reads a poisoned body takes the whole process down, or never comes back from it.
import { isMainThread } from 'node:worker_threads';

const parse = JSON.parse;

if (!isMainThread) {
  JSON.parse = (text: string, ...rest: []) => {
    if (text.includes('"note":"crash"')) process.kill(process.pid, 'SIGKILL');
    return parse(text, ...rest);
  };
}
