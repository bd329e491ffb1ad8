// `tagbridge serve`: the service, until it is told to stop; SIGHUP makes it read its mapping files again.
import { readConfig } from '../config.ts';
import { describeError } from '../lib/errors.ts';
import { createLog } from '../lib/log.ts';
import { startService } from '../main.ts';
import type { Command } from './command.ts';

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
    // Node would open a debugger that anybody on this machine may use.
    process.on('SIGUSR1', () => log.warn({}, 'debugger.refused'));
    process.on('uncaughtException', onCrash).on('unhandledRejection', onCrash);
    const starting = startService({ config, log, onCrash });
    process.on('SIGHUP', () => void starting.then((service) => service.reload()));
    const service = await starting;
    await untilStopped();
    await service.stop();
    return 0;
  },
};
