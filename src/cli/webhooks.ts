// `tagbridge webhooks`: asks senders now which webhooks they have, beside a running service or without one.
import { readConfig } from '../config.ts';
import { OperatorError } from '../lib/errors.ts';
import { newId } from '../lib/id.ts';
import { count, counted } from '../lib/words.ts';
import { lacksOf } from '../map/asking/listing-compile.ts';
import { isRefusal } from '../map/asking/lookup-request.ts';
import { lostIn, wrongIn } from '../map/asking/webhooks.ts';
import type { Source } from '../map/files/source.ts';
import { createAlone } from '../road/alone.ts';
import { createLookups } from '../road/lookups.ts';
import { isAsked } from '../road/reconcile.ts';
import { WEBHOOKS_LEASE_MS, webhooksLease } from '../road/watching-webhooks.ts';
import { type AskedWebhooks, createAskWebhooks, takesHooks } from '../road/webhooks.ts';
import { readArguments } from './arguments.ts';
import { withAsking } from './asking.ts';
import type { Command, Terminal } from './command.ts';
import { whoTypes } from './note.ts';
import { findSource, readStores, storeIn } from './store.ts';

/** Two who switch the same webhook on again at once would write it into the audit twice. */
const BUSY = 'the service asks it just now; try again in a minute';

/** One source that is named must be one that can be asked; of all the others those that can be. */
async function sourcesToAsk(env: Terminal['env'], store: string | undefined, name: string | undefined) {
  if (name !== undefined) {
    const { source } = await findSource(env, store, name);
    const { webhooks, settings, title } = source;
    if (webhooks === undefined)
      throw new OperatorError(
        'ARGUMENT',
        `${title} is not asked for its webhooks`,
        'its platform file has no webhooks:, or the store file says off',
      );
    if (!(await isAsked(source, webhooks.listing)))
      throw new OperatorError(
        'SETTINGS',
        `source ${name} has no ${lacksOf(webhooks.listing, settings).join(' and no ')}, and without it nobody can ask for its webhooks`,
        `it takes ${webhooks.needs}`,
      );
    return [source];
  }
  const loaded = await readStores(readConfig(env));
  const stores = store === undefined ? [...loaded.stores.values()] : [storeIn(loaded, store)];
  const asked: Source[] = [];
  for (const source of stores.flatMap(({ sources }) => [...sources.values()]))
    if (source.webhooks !== undefined && (await isAsked(source, source.webhooks.listing))) asked.push(source);
  return asked;
}

/** What is off, gone, or goes to a source that is not there. */
function wrongOf(source: Source, asked: AskedWebhooks) {
  if (!('found' in asked)) return { off: [], gone: [], lost: [] };
  const { here, beside = [] } = asked.found;
  const missing = beside.filter(({ lost_since }) => lost_since !== undefined);
  const lost = lostIn(source, here, missing).map(({ place, topics }) => ({ place, topics }));
  return { ...wrongIn(source, asked.found), lost };
}
const isWrong = ({ off, gone, lost }: ReturnType<typeof wrongOf>): boolean =>
  off.length + gone.length + lost.length > 0;

function tell(source: Source, asked: AskedWebhooks, { out }: Terminal): void {
  const { store, name, title, webhooks } = source;
  if ('problem' in asked) {
    out(`${store}/${name}: ${title} could not say which webhooks it has: ${asked.problem}`);
    if (isRefusal(asked.problem)) out(`  asking for them takes ${webhooks?.needs ?? ''}`);
    return;
  }
  const { here, others, astray } = asked.found;
  const wrong = wrongOf(source, asked);
  const { off, gone, lost } = wrong;
  out(`${store}/${name}: ${counted(here.length, 'webhook sends', 'webhooks send')} here, ${count(others)} elsewhere`);
  for (const { id, on, state, topics } of here) {
    const again = asked.mended.includes(id) ? ', switched on again now' : '';
    const spare = !on && !off.includes(id) ? ', and another tells the same or nothing needs it' : '';
    out(`  ${on ? 'on ' : 'off'} ${id}${state === undefined ? '' : ` ${state}`}: ${topics.join(', ')}${again}${spare}`);
  }
  for (const topic of gone) out(`  gone: ${topic}, of which one told before`);
  for (const { place, topics } of lost)
    out(
      `  sent to /hooks/${place}, and no source is there: ${topics.join(', ')}; this one has /hooks/${store}/${name}`,
    );
  for (const { place, topics, lost_since } of asked.found.beside ?? [])
    if (lost_since === undefined) out(`  sent to /hooks/${place}, another source here: ${topics.join(', ')}`);
  for (const address of astray) out(`  one sends to this path at another host: ${address}`);
  if (asked.unmended !== undefined)
    out(`  not switched on again: ${asked.unmended}; it takes ${webhooks?.mend?.needs ?? ''}`);
  if (isWrong(wrong)) out(`  ${webhooks?.todo ?? ''}`);
}

const asJson = (source: Source, asked: AskedWebhooks) => {
  const place = { store: source.store, source: source.name };
  if ('problem' in asked) return { ...place, problem: asked.problem };
  const { here, others, astray } = asked.found;
  const webhooks = here.map(({ id, address, topics, on, state }) => ({ id, address, topics, on, state }));
  return { ...place, webhooks, others, astray, ...wrongOf(source, asked), switched_on: asked.mended };
};

export const listWebhooks: Command = {
  usage: '[--store S] [--source N] [--mend] [--json]',
  help: 'Asks shops which of their webhooks send here and are on; --mend switches those on again that the shop switched off',
  run: async (args, terminal) => {
    const { values } = readArguments({
      args,
      options: {
        store: { type: 'string' },
        source: { type: 'string' },
        mend: { type: 'boolean', default: false },
        json: { type: 'boolean', default: false },
      },
    });
    const config = readConfig(terminal.env);
    const { stores, broken } = await readStores(config);
    // The service may still use the last good form of a file that is broken.
    const knows = (place: string) => broken.size > 0 || takesHooks([...stores.values()], place);
    const sources = await sourcesToAsk(terminal.env, values.store, values.source);
    if (sources.length === 0) {
      if (values.json) terminal.out('[]');
      else terminal.out('no source has what it takes to ask for webhooks; the page of each source says how');
      return 0;
    }
    return withAsking(config, terminal, async (asking) => {
      const lookups = createLookups({ ...asking, send: asking.http.send });
      const { PUBLIC_URL: publicUrl } = config;
      const askWebhooks = createAskWebhooks({ ...asking, lookups, publicUrl, knows });
      const mend = values.mend ? { actor: whoTypes(), atOnce: true } : undefined;
      const all: object[] = [];
      let isWell = true;
      const alone = createAlone({ keep: asking.keep, now: asking.now, newId }, WEBHOOKS_LEASE_MS);
      for (const source of sources) {
        let asked: AskedWebhooks | undefined = { problem: BUSY, mended: [] };
        await alone(webhooksLease(source), async (mayGoOn) => {
          asked = await askWebhooks(source, { mayGoOn, mend });
        });
        if (asked === undefined) continue;
        isWell &&= !('problem' in asked) && !isWrong(wrongOf(source, asked));
        if (values.json) all.push(asJson(source, asked));
        else tell(source, asked, terminal);
      }
      if (values.json) terminal.out(JSON.stringify(all, undefined, 2));
      return isWell ? 0 : 1;
    });
  },
};
