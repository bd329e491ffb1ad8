// `tagbridge report match`: how many phone orders and leads found the visit they came from, and what would raise it.
import type { GroupMatch, MatchReport, StoreMatch } from '../admin/match/facts.ts';
import { AGE_NAMES, GROUP_NAMES, keyName } from '../admin/match/words.ts';
import { count, share } from '../admin/view/parts.ts';
import { readConfig } from '../config.ts';
import { withKept } from '../keep/beside.ts';
import { OperatorError } from '../lib/errors.ts';
import { createMatch } from '../pages/match.ts';
import { readArguments } from './arguments.ts';
import type { Command } from './command.ts';
import { readInstant } from './instant.ts';
import { readStores, storeIn } from './store.ts';

function groupLines({ group, events, joined, own, nothing, clicks, keys, ages }: GroupMatch): string[] {
  if (events === 0) return [`  ${GROUP_NAMES[group]}: none was looked at for a visit`];
  const found = keys.map(({ key, events: by }) => `${keyName(key)} ${count(by)}`).join(', ');
  const after = ages.filter((one) => one.events > 0).map((one) => `${AGE_NAMES[one.age]} ${count(one.events)}`);
  return [
    `  ${GROUP_NAMES[group]}: ${count(events)}, of them ${share(joined, events)} found a visit, ` +
      `${share(own, events)} brought ids, ${share(nothing, events)} have nothing; ${share(clicks, events)} have a click`,
    ...(joined === 0 ? [] : [`    found by: ${found}`, `    after the click: ${after.join(', ')}`]),
  ];
}

const storeLines = ({ store, groups, advice }: StoreMatch): string[] => [
  store,
  ...groups.flatMap(groupLines),
  ...(advice.length === 0 ? [] : ['  what would raise it:']),
  ...advice.flatMap(({ text, todo }) => [`  - ${text}`, `    ${todo}`]),
];

/** Without the sums that it is made of. */
const withoutSums = ({ stores, since, until }: MatchReport) => ({
  since: new Date(since).toISOString(),
  until: new Date(until).toISOString(),
  stores: stores.map(({ sums: _, ...one }) => one),
});

export const report: Command = {
  usage: 'match [--store S] [--since T] [--until T] [--json]',
  help: 'Counts which phone orders, leads and other orders found their visit, by what, and says what would raise it',
  run: async (args, { out, err, env }) => {
    const { values, positionals } = readArguments({
      args,
      allowPositionals: true,
      options: {
        store: { type: 'string' },
        since: { type: 'string' },
        until: { type: 'string' },
        json: { type: 'boolean', default: false },
      },
    });
    const [name = 'match', ...others] = positionals;
    if (name !== 'match' || others.length > 0)
      throw new OperatorError('ARGUMENT', `there is no report ${positionals.join(' ')}`, 'there is: match');
    const config = readConfig(env);
    const read = await readStores(config);
    const { store } = values;
    if (store !== undefined) storeIn(read, store);
    const mappings = { all: () => [...read.stores.values()] };
    const asked = { store, since: readInstant('since', values.since), until: readInstant('until', values.until) };
    return withKept(config, err, async (keep) => {
      const made = await createMatch({ keep, mappings, now: Date.now })(asked);
      if (values.json) out(JSON.stringify(withoutSums(made), null, 2));
      else {
        out(`from ${new Date(made.since).toISOString()} to ${new Date(made.until).toISOString()}`);
        for (const one of made.stores) out(storeLines(one).join('\n'));
      }
      return 0;
    });
  },
};
