// `tagbridge serve`: the service, until it is told to stop; SIGHUP makes it read its mapping files again.
import { setTimeout as sleep } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { readConfig } from '../config.ts';
import { describeError } from '../lib/errors.ts';
import { createLog } from '../lib/log.ts';
import { startService } from '../main.ts';
import type { Command } from './command.ts';

/** After draining. Whoever stops services kills them soon after; what was kept is safe in either case. */
const LATE_MS = 9_000;

/** A start that is told to stop may come to its end, and stop in order; one that waits for its database is not waited for. */
const START_MS = 2_000;

/** Resolves at the first SIGTERM or SIGINT; a second one ends the process at once. */
function untilStopped(): Promise<void> {
  return new Promise((resolve) => {
    let asked = 0;
    const onSignal = () => {
      asked += 1;
      if (asked > 1) process.exit(1);
      resolve();
    };
    process.on('SIGTERM', onSignal).on('SIGINT', onSignal);
  });
}

export const serve: Command = {
  usage: '',
  help: 'Runs the service (= npm start)',
  run: async (_args, { env }) => {
    const config = readConfig(env);
    const log = createLog(config.LOG_LEVEL);
    const onCrash = (error: unknown) => {
      log.fatal({ error: describeError(error) }, 'service.crashed');
      process.exit(1);
    };
    // The room for short-lived objects that Node was told of is this thread's by now, and would win over those of the others.
    setFlagsFromString('--max-semi-space-size=0');
    // From now on: who is told to stop while it starts goes on to stop in order.
    const stopped = untilStopped();
    // Node would open a debugger that anybody on this machine may use.
    process.on('SIGUSR1', () => log.warn({}, 'debugger.refused'));
    process.on('uncaughtException', onCrash).on('unhandledRejection', onCrash);
    const starting = startService({ config, log, onCrash });
    // A start that fails is told by whoever waits for it below.
    const onHangup = () => void starting.then(({ reload }) => reload()).catch(() => undefined);
    process.on('SIGHUP', onHangup);
    const service = await Promise.race([starting, stopped.then(() => sleep(START_MS, undefined, { ref: false }))]);
    if (service === undefined) {
      log.info({}, 'service.stopped: it was told to before it had started');
      process.exit(0);
    }
    await stopped;
    const late = setTimeout(
      () => {
        log.error({}, 'service.stopped_late: what it had not finished is done by the next one');
        process.exit(1);
      },
      config.DRAIN_SECONDS * 1_000 + LATE_MS,
    );
    await service.stop();
    clearTimeout(late);
    return 0;
  },
};
