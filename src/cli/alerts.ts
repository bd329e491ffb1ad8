// `tagbridge alerts`: whom to tell and what is open, or a test message to all contacts or to one of them.
import { type Config, readConfig } from '../config.ts';
import { createHttp } from '../deliver/http.ts';
import { withKept } from '../keep/beside.ts';
import { OperatorError } from '../lib/errors.ts';
import { newId } from '../lib/id.ts';
import { nearest } from '../lib/nearest.ts';
import { contactsNow, createTest } from '../pages/alerting.ts';
import { readArguments } from './arguments.ts';
import type { Command, Terminal } from './command.ts';
import { readStores } from './store.ts';

async function readContacts(config: Config) {
  const { stores } = await readStores(config);
  return contactsNow(config, { all: () => [...stores.values()] }).contacts;
}

/** Sends a test to each of them; 1 when one did not take it. */
async function testContacts(config: Config, wanted: string | undefined, { out }: Terminal): Promise<number> {
  const contacts = await readContacts(config);
  const chosen = contacts.filter(({ id }) => wanted === undefined || id === wanted);
  if (chosen.length === 0) {
    const hint = nearest(
      wanted ?? '',
      contacts.map(({ id }) => id),
    );
    throw new OperatorError(
      'ARGUMENT',
      `there is no contact ${wanted ?? 'at all'}`,
      hint ?? 'tagbridge alerts lists them',
    );
  }
  const http = createHttp({ allowPrivate: config.ALLOW_PRIVATE_DESTINATIONS, connections: 1 });
  const ownHttp = createHttp({ allowPrivate: true, connections: 1 });
  try {
    const test = createTest({ config, http, ownHttp, now: Date.now, newId, signal: new AbortController().signal });
    let failed = 0;
    for (const contact of chosen) {
      const sent = await test(contact);
      if (!sent.ok) failed += 1;
      out(sent.ok ? `${contact.id} took the message` : `${contact.id} did not take the message: ${sent.problem}`);
    }
    return failed === 0 ? 0 : 1;
  } finally {
    await Promise.all([http.close(), ownHttp.close()]);
  }
}

async function listAlerts(config: Config, { out, err }: Terminal): Promise<number> {
  const contacts = await readContacts(config);
  if (contacts.length === 0) out('nobody is told: set ALERT_SLACK_URL or others, or write alerts: into a store file');
  for (const { id, store } of contacts)
    out(`${id}  is told ${store === undefined ? 'everything' : `what concerns ${store}`}`);
  out(
    config.HEARTBEAT_URL === undefined
      ? 'nobody is told when the bridge itself is down: set HEARTBEAT_URL'
      : `${new URL(config.HEARTBEAT_URL).host}  is called every minute to say that the bridge runs`,
  );
  return withKept(config, err, async (keep) => {
    const incidents = await keep.listOpenIncidents();
    if (incidents.length === 0) out('nothing is wrong that is known of');
    for (const { title, detail, todo, since } of incidents)
      out(`${new Date(since).toISOString()}  ${title}. ${detail}\n  ${todo}`);
    return 0;
  });
}

export const alerts: Command = {
  usage: '[test [CONTACT]]',
  help: 'Lists whom to tell and what is wrong, or sends a test message',
  run: async (args, terminal) => {
    const { positionals } = readArguments({ args, allowPositionals: true }, 2);
    const [action, contact] = positionals;
    const config = readConfig(terminal.env);
    if (action === undefined) return listAlerts(config, terminal);
    if (action === 'test') return testContacts(config, contact, terminal);
    throw new OperatorError('ARGUMENT', `there is no tagbridge alerts ${action}`, nearest(action, ['test']));
  },
};
