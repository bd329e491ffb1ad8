// The thread that owns one SQLite connection and serves every other thread.
import { type MessagePort, parentPort, receiveMessageOnPort, workerData } from 'node:worker_threads';
import type { Step } from '../../types.ts';
import { KeepError } from '../error.ts';
import { createBell } from './bell.ts';
import { type Engine, openEngine, type Results, toKeepError } from './engine.ts';
import { type Command, type Damaged, type Opening, type Request, type ThreadOptions, unpackSteps } from './wire.ts';

type Job = { request: Request; from: MessagePort };

/** The most requests that share one commit. */
const MOST_TOGETHER = 16;
/**
 * While urgent requests come so close together, the others gather until the first of them has waited its time: senders get
 * their answers sooner, and what gathered is written at less cost.
 */
const CLOSE_MS = 4;
const PATIENCE_MS = 60;

const options: ThreadOptions = workerData;
if (parentPort !== null) start(parentPort);

function start(control: MessagePort): void {
  const say = (opening: Opening): void => control.postMessage(opening);
  try {
    serve(control, openEngine(options.path, options));
    say({ opened: true });
  } catch (error) {
    const { failure, message } = toKeepError(error);
    say({ opened: false, failure, message });
    control.close();
  }
}

function serve(control: MessagePort, engine: Engine): void {
  const queue = createQueue(() => performance.now());
  const bell = options.bell === undefined ? undefined : createBell(options.bell);
  let working = false;
  let closing = false;
  let napping: NodeJS.Timeout | undefined;
  const commitNext = (): boolean => {
    const job = queue.next(!closing);
    if (job === undefined) return false;
    const { scrub } = job.request;
    if (scrub !== undefined) reply(job, engine.scrub(scrub));
    else if (options.readOnly) reply(job, engine.read(unpackSteps(job.request)));
    else {
      const began = performance.now();
      answerTogether(engine, job, queue.nextAlike);
      bell?.committed(performance.now() - began);
    }
    return true;
  };
  /** Goes back to the event loop after every commit, so that commands are heard however much there is to do. */
  const work = (): void => {
    working = commitNext();
    if (working) setImmediate(work);
    else if (queue.gathers())
      napping ??= setTimeout(() => {
        napping = undefined;
        wake();
      }, CLOSE_MS);
  };
  const wake = (): void => {
    if (!working) work();
  };
  control.on('message', (command: Command) => {
    if ('serve' in command) return queue.add(command.serve, wake);
    closing = true;
    clearTimeout(napping);
    while (commitNext());
    engine.close();
    queue.close();
    control.close();
  });
}

/** Jobs from all ports. Every look for the next one first reads all ports, so that an urgent job overtakes those sent before it. */
function createQueue(now: () => number) {
  const ports = new Set<MessagePort>();
  const urgent: Job[] = [];
  const others: Job[] = [];
  let lastUrgent = Number.NEGATIVE_INFINITY;
  let gatheringSince = 0;
  const take = (request: Request, from: MessagePort): void => {
    if (request.urgent) lastUrgent = now();
    else if (others.length === 0) gatheringSince = now();
    (request.urgent ? urgent : others).push({ request, from });
  };
  const takeOther = (): Job | undefined => {
    gatheringSince = now();
    return others.shift();
  };
  const isPatient = () => now() - lastUrgent < CLOSE_MS && now() - gatheringSince < PATIENCE_MS;
  const listen = (): void => {
    for (const port of ports) {
      for (let got = receiveMessageOnPort(port); got !== undefined; got = receiveMessageOnPort(port)) {
        take(got.message, port);
      }
    }
  };
  return {
    add: (port: MessagePort, wake: () => void): void => {
      ports.add(port);
      port.on('close', () => ports.delete(port));
      port.on('message', (request: Request) => {
        take(request, port);
        wake();
      });
    },
    /** With `gather` the others may be held back a moment. */
    next: (gather: boolean): Job | undefined => {
      listen();
      return urgent.shift() ?? (gather && isPatient() ? undefined : takeOther());
    },
    /** Is there work that `next` holds back? */
    gathers: (): boolean => others.length > 0,
    /** One to share the commit of `job`. None once an urgent one came that would have to wait for it. */
    nextAlike: (job: Job): Job | undefined => {
      listen();
      if (job.request.urgent) return urgent.shift();
      return urgent.length > 0 || others[0]?.request.scrub !== undefined ? undefined : others.shift();
    },
    close: (): void => {
      for (const port of ports) port.close();
    },
  };
}

function answerTogether(engine: Engine, first: Job, another: (job: Job) => Job | undefined): void {
  const jobs = [first];
  const requests = function* (): Generator<Step[]> {
    yield unpackSteps(first.request);
    while (jobs.length < MOST_TOGETHER) {
      const job = another(first);
      if (job === undefined) return;
      jobs.push(job);
      yield unpackSteps(job.request);
    }
  };
  const outcome = engine.commit(requests());
  for (const [index, job] of jobs.entries())
    reply(job, outcome instanceof KeepError ? outcome : (outcome[index] ?? []));
}

function reply({ request: { id }, from }: Job, answer: Results | KeepError): void {
  if (answer instanceof KeepError) {
    const { failure, message } = answer;
    from.postMessage({ id, failure, message });
    if (failure === 'damaged') parentPort?.postMessage({ damaged: message } satisfies Damaged);
  } else from.postMessage({ id, results: answer });
}
