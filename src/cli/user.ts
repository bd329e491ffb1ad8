// `tagbridge user`: who may see the pages. Adds, lists and removes people, sets roles and makes links for new passwords.
import { asEmail, isEmail, makeLink } from '../admin/login/accounts.ts';
import { adminUrl, readConfig } from '../config.ts';
import { withKept } from '../keep/beside.ts';
import type { Keep } from '../keep/keep.ts';
import { ROLES, type Role, type User } from '../keep/questions/users.ts';
import { OperatorError } from '../lib/errors.ts';
import { newId } from '../lib/id.ts';
import { nearest } from '../lib/nearest.ts';
import { readArguments } from './arguments.ts';
import { actionOf, type Command } from './command.ts';
import { note } from './note.ts';

type Run = { keep: Keep; origin: string; email: string; role: string | undefined; out: (text: string) => void };

function roleOf(given: string | undefined): Role {
  const role = ROLES.find((one) => one === given);
  if (role !== undefined) return role;
  const what = given === undefined ? 'name a role' : `there is no role ${given}`;
  throw new OperatorError('ARGUMENT', what, `known: ${ROLES.join(', ')}`);
}

async function named({ keep, email }: Run): Promise<User> {
  const found = await keep.findUser(email);
  if (found !== undefined) return found.user;
  const known = (await keep.listUsers()).map((user) => user.email);
  throw new OperatorError('ARGUMENT', `there is no user ${email}`, nearest(email, known) ?? 'tagbridge user list');
}

async function printLink({ keep, origin, out }: Run, user: User): Promise<void> {
  const { path } = await makeLink(keep, Date.now(), user);
  await note(keep, { action: 'password link made', detail: user.id });
  out(`${user.email} sets a password here, once, within 15 minutes:\n${origin}${path}`);
}

const lastAdmin = (email: string) =>
  new OperatorError('LAST_ADMIN', `${email} is the last admin with a password`, 'make another admin first');

const RUNS: Record<string, (run: Run) => Promise<void>> = {
  list: async ({ keep, out }) => {
    for (const { email, role, ready } of await keep.listUsers())
      out(`${email}  ${role}${ready ? '' : '  no password yet'}`);
  },
  add: async (run) => {
    const { keep, email } = run;
    if (!isEmail(email)) throw new OperatorError('ARGUMENT', `${email} is no e-mail address`);
    const user: User = { id: newId(), email, role: roleOf(run.role), created_at: Date.now(), ready: false };
    if (!(await keep.addUser(user)))
      throw new OperatorError('ARGUMENT', `${email} is there already`, 'tagbridge user link makes a new link');
    await note(keep, { action: `user added as ${user.role}`, detail: user.id });
    await printLink(run, user);
  },
  link: async (run) => printLink(run, await named(run)),
  role: async (run) => {
    const [user, role] = [await named(run), roleOf(run.role)];
    if (!(await run.keep.setRole(user.id, role))) throw lastAdmin(user.email);
    await note(run.keep, { action: `role set to ${role}`, detail: user.id });
    run.out(`${user.email} is ${role} now`);
  },
  remove: async (run) => {
    const user = await named(run);
    if (!(await run.keep.removeUser(user.id))) throw lastAdmin(user.email);
    await note(run.keep, { action: 'user removed', detail: user.id });
    run.out(`${user.email} is removed and logged out`);
  },
};

/** How many words belong to an action, with its own; else a role is the third. */
const WORDS: Readonly<Record<string, number>> = { list: 1, remove: 2, link: 2 };

export const user: Command = {
  usage: 'add|list|remove|role|link [E-MAIL] [--role admin|viewer|sales]',
  help: 'Says who may see the pages',
  run: async (args, { out, err, env }) => {
    const options = { role: { type: 'string' } } as const;
    const { values, positionals } = readArguments({ args, allowPositionals: true, options }, WORDS[args[0] ?? ''] ?? 3);
    const [action = 'list', email = '', roleWord] = positionals;
    const run = actionOf('user', RUNS, action);
    const config = readConfig(env);
    if (action !== 'list' && email === '')
      throw new OperatorError('ARGUMENT', 'name a person', `such as: tagbridge user ${action} ann@example.com`);
    if (values.role !== undefined && roleWord !== undefined)
      throw new OperatorError('ARGUMENT', `the role is given twice: ${roleWord} and --role ${values.role}`);
    const role = values.role ?? roleWord ?? (action === 'add' ? 'viewer' : undefined);
    return withKept(config, err, async (keep) => {
      await run({ keep, origin: adminUrl(config), email: asEmail(email), role, out });
      return 0;
    });
  },
};
