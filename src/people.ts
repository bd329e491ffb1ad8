// Joins the pages for people to what is kept and to the mapping files.
import type { Router } from 'express';
import { accountRoutes } from './admin/login/account-pages.ts';
import { createAccounts, makeLink } from './admin/login/accounts.ts';
import { loginRoutes } from './admin/login/login-pages.ts';
import { userRoutes } from './admin/login/user-pages.ts';
import { createPages } from './admin/pages.ts';
import type { Audit } from './admin/route.ts';
import type { Config } from './config.ts';
import type { Keep } from './keep/keep.ts';
import type { Log } from './lib/log.ts';
import type { Mappings } from './map/mappings.ts';
import type { Clock } from './types.ts';

export type PeopleParts = {
  keep: Keep;
  mappings: Mappings;
  config: Config;
  /** Where people reach the pages; known once the port is. */
  origin: () => string;
  now: Clock;
  newId: () => string;
  log: Log;
  onError: (error: unknown) => void;
};

export function createPeople({ keep, config, origin, now, newId, log, onError }: PeopleParts): {
  pages: Router;
  /** Where nobody can log in yet: says in the log how the first admin sets a password. */
  welcome: () => Promise<void>;
} {
  const audit: Audit = (line) => keep.writeAudit({ at: now(), ...line });
  const accounts = createAccounts({ keep, now, newId });
  const pages = createPages({
    accounts,
    audit,
    open: loginRoutes({ accounts, audit }),
    routes: [...accountRoutes({ accounts, audit }), ...userRoutes({ keep, accounts, audit, now, newId, origin })],
    adminUrl: config.ADMIN_URL,
    onError,
  });
  const welcome = async () => {
    if (await keep.hasUsers()) return;
    const { path } = await makeLink(keep, now());
    log.warn(
      { link: origin() + path, minutes: 15 },
      'admin.first_link: open it to set the password of the first admin',
    );
  };
  return { pages, welcome };
}
