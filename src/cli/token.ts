// `tagbridge token`: keys of other programs to the API. Makes, lists and revokes them.
import { makeToken, refuseWish } from '../admin/tokens/tokens.ts';
import { type Config, readConfig } from '../config.ts';
import { withKept } from '../keep/beside.ts';
import type { Keep } from '../keep/keep.ts';
import { SCOPES, type Scope, type Token } from '../keep/questions/tokens.ts';
import { OperatorError } from '../lib/errors.ts';
import { nearest } from '../lib/nearest.ts';
import { DAY_MS, dayAt } from '../lib/time.ts';
import { readArguments } from './arguments.ts';
import { actionOf, type Command } from './command.ts';
import { readDays } from './instant.ts';
import { note, whoTypes } from './note.ts';
import { findStore } from './store.ts';

const options = {
  scope: { type: 'string', multiple: true, default: [] as string[] },
  store: { type: 'string', multiple: true, default: [] as string[] },
  days: { type: 'string' },
} as const;
const EXAMPLE = 'such as: tagbridge token add reporting --scope read';
type Values = { scope: string[]; store: string[]; days?: string };
type Run = { keep: Keep; config: Config; word: string; values: Values; out: (text: string) => void };

const scopeOf = (given: string): Scope => {
  const scope = SCOPES.find((one) => one === given);
  if (scope !== undefined) return scope;
  throw new OperatorError('ARGUMENT', `there is no scope ${given}`, `known: ${SCOPES.join(', ')}`);
};

const expiryOf = (days: string | undefined, now: number): number | undefined =>
  days === undefined ? undefined : now + readDays(days, '90') * DAY_MS;

const describe = ({ id, name, scopes, stores, expires_at, used_at }: Token): string => {
  const parts = [
    id,
    name,
    scopes.join(' '),
    stores.length === 0 ? 'all stores' : stores.join(' '),
    expires_at === undefined ? 'does not expire' : `expires ${dayAt(expires_at)}`,
    used_at === undefined ? 'never used' : `last used ${dayAt(used_at)}`,
  ];
  return parts.join('  ');
};

const RUNS: Record<string, (run: Run) => Promise<void>> = {
  list: async ({ keep, out }) => {
    const tokens = await keep.listTokens();
    for (const token of tokens) out(describe(token));
    if (tokens.length === 0) out('there are no tokens');
  },
  add: async ({ keep, config, word: name, values, out }) => {
    const now = Date.now();
    const scopes = values.scope.map(scopeOf);
    for (const store of values.store) await findStore(config, store);
    const wish = { name, scopes, stores: values.store, expires_at: expiryOf(values.days, now) };
    const refused = refuseWish(wish, now);
    if (refused !== undefined) throw new OperatorError('ARGUMENT', refused.replace(/\.$/, ''), EXAMPLE);
    const { id, secret } = await makeToken(keep, wish, { created_by: whoTypes(), created_at: now });
    await note(keep, { action: 'token made', detail: `${id}: ${scopes.join(' ')}` });
    out(secret);
  },
  revoke: async ({ keep, word: id, out }) => {
    if (!(await keep.removeToken(id))) {
      const known = (await keep.listTokens()).map((token) => token.id);
      throw new OperatorError('ARGUMENT', `there is no token ${id}`, nearest(id, known) ?? 'tagbridge token list');
    }
    await note(keep, { action: 'token revoked', detail: id });
    out(`${id} is revoked`);
  },
};

export const token: Command = {
  usage: 'add NAME --scope S… [--store S]… [--days N] | list | revoke ID',
  help: `Lets other programs use the API; add prints the token, once. Scopes: ${SCOPES.join(', ')}`,
  run: async (args, { out, err, env }) => {
    const { values, positionals } = readArguments(
      { args, allowPositionals: true, options },
      args[0] === 'list' ? 1 : 2,
    );
    const [action = 'list', word = ''] = positionals;
    const run = actionOf('token', RUNS, action);
    if (action === 'revoke' && word === '')
      throw new OperatorError('ARGUMENT', 'name a token by its id', 'tagbridge token list shows them');
    const config = readConfig(env);
    return withKept(config, err, async (keep) => {
      await run({ keep, config, word, values, out });
      return 0;
    });
  },
};
