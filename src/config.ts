// Environment to Config: the only reader of process.env. Every setting is declared here once, with its help.
import { resolve } from 'node:path';
import { z } from 'zod';
import type { Smtp } from './alert/send.ts';
import { AlertSettings } from './alert/settings.ts';
import { checkDestinationUrl } from './deliver/address.ts';
import { type EnvFile, readEnvFile } from './env-file.ts';
import { OperatorError } from './lib/errors.ts';
import { plainWords } from './lib/plain-words.ts';

const port = z.coerce.number().int().min(0).max(65_535);
const text = z.string().min(1);
const flag = z.enum(['true', 'false', '1', '0']).transform((given) => given === 'true' || given === '1');
const days = z.coerce.number().int().min(1).max(3_650);
const LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const;

/** What stands between the commas of a setting. */
const listed = (list: string | undefined): string[] => list?.split(',').map((one) => one.trim()) ?? [];

/** Addresses, networks such as 10.0.0.0/8, or the words loopback, linklocal and uniquelocal, separated by commas. */
function isAddressList(list: string): boolean {
  const known = z.union([z.ipv4(), z.ipv6(), z.cidrv4(), z.cidrv6(), z.enum(['loopback', 'linklocal', 'uniquelocal'])]);
  return listed(list).every((one) => known.safeParse(one).success);
}

/** The provider's answers decide who gets in, so they come encrypted, except from this machine. */
function isSafeIssuer(text: string): boolean {
  const url = URL.parse(text);
  return url?.protocol === 'https:' || ['localhost', '127.0.0.1'].includes(url?.hostname ?? '');
}

/** Type, default and help of every setting; the table in the README is made of it. */
export const Settings = z.object({
  PORT: port.default(8080).describe('Port for hooks and health'),
  ADMIN_PORT: port
    .default(8081)
    .describe('Port for pages, API and metrics; where it equals PORT, they lie under /admin'),
  HOST: text.default('0.0.0.0').describe('Address to listen on'),
  PUBLIC_URL: z
    .url()
    .optional()
    .describe('How senders reach the hook port, such as https://hooks.shop.example; some senders sign it'),
  ADMIN_URL: z
    .url({ protocol: /^https?$/ })
    .optional()
    .describe(
      'How people reach the pages, such as https://bridge.shop.example; needed behind a proxy, https makes the cookie secure',
    ),
  PROXIES: text
    .refine(isAddressList, 'is no list of addresses')
    .default('loopback, linklocal, uniquelocal')
    .describe('Addresses or networks of proxies before PORT, which may say from where a visit comes (X-Forwarded-For)'),
  ADMIN_PROXIES: text
    .refine(isAddressList, 'is no list of addresses')
    .optional()
    .describe(
      'Addresses or networks of proxies before the pages, separated by commas; only they may say who asked (X-Forwarded-For)',
    ),
  PHONE_UNDO_SECONDS: z.coerce
    .number()
    .int()
    .min(0)
    .max(600)
    .default(300)
    .describe('How long a phone order can be taken back on its page before work on it begins'),
  MAPPINGS_DIR: text.default('./mappings').describe('Folder of the mapping files'),
  DATA_DIR: text.default('./data').describe('Folder of the embedded store'),
  DATABASE_URL: text
    .regex(/^postgres(ql)?:\/\//, 'is no address of PostgreSQL')
    .optional()
    .describe('PostgreSQL that several replicas share, such as postgres://user:password@host:5432/tagbridge'),
  ENCRYPTION_KEY: text
    .optional()
    .describe(
      'Keys for bodies and events at rest, 32 bytes in base64 each, separated by commas (openssl rand -base64 32 makes one); the first seals, all open. A new one goes in front; an old one may go once the service starts without it',
    ),
  LOG_LEVEL: z.enum(LEVELS).default('info').describe('How much is logged'),
  ALLOW_PRIVATE_DESTINATIONS: flag
    .default(false)
    .describe('Lets destinations be http and resolve to private or loopback addresses; for tests only'),
  MAX_BODY_BYTES: z.coerce.number().int().min(1_000).max(50_000_000).default(2_000_000).describe('Largest hook body'),
  METRICS_TOKEN: text
    .optional()
    .describe(
      'Bearer token for /metrics; without one only this machine may read them, and nobody where ADMIN_URL is https, or with one port PUBLIC_URL',
    ),
  DRAIN_SECONDS: z.coerce
    .number()
    .int()
    .min(0)
    .max(60)
    .default(0)
    .describe('How long hooks are still taken after SIGTERM while /readyz says 503; set it behind a balancer'),
  RETENTION_BODIES_DAYS: days.default(30).describe('How long bodies of finished hooks are kept'),
  RETENTION_KEYS_DAYS: days
    .default(90)
    .describe(
      'How long hooks are known again, events can be sent again, and sums by hour are kept; which orders were counted is known for 800 days',
    ),
  RETENTION_ATTEMPTS_DAYS: days.default(30).describe('How long the history of attempts is kept'),
  RETENTION_AUDIT_DAYS: days
    .default(400)
    .describe('How long it is kept who did what, and what went wrong, once it is over'),
  OIDC_ISSUER: z
    .url({ protocol: /^https?$/ })
    .refine(isSafeIssuer, 'must start with https://')
    .optional()
    .describe('Identity provider by which people may log in (OpenID Connect), such as https://login.shop.example'),
  OIDC_CLIENT_ID: text
    .optional()
    .describe('What the provider calls these pages; send people back to <pages>/login/identity/back'),
  OIDC_CLIENT_SECRET: text.optional().describe('The secret the provider gave for them'),
  OIDC_NAME: text.default('single sign-on').describe('What the login page calls the provider'),
  OIDC_ROLE_CLAIM: text.optional().describe('Claim of the provider that names the role: admin, viewer or sales'),
  OIDC_DOMAINS: text
    .optional()
    .describe('Domains whose people may look without being added first, separated by commas; they become viewers'),
  ALERT_SLACK_URL: z.url().optional().describe('Incoming webhook of Slack that is told what goes wrong with any store'),
  ALERT_DISCORD_URL: z.url().optional().describe('Webhook of a Discord channel, told the same'),
  ALERT_TEAMS_URL: z
    .url()
    .optional()
    .describe('Workflow of Microsoft Teams that takes webhook requests, told the same'),
  ALERT_EMAIL: text
    .refine((list) => listed(list).every((one) => z.email().safeParse(one).success), 'is no list of e-mail addresses')
    .optional()
    .describe('E-mail addresses, separated by commas, told the same; needs SMTP_URL'),
  ALERT_WEBHOOK_URL: z.url().optional().describe('Address of a program of yours, told the same as JSON'),
  ALERT_WEBHOOK_SECRET: text
    .optional()
    .describe('Keys that sign it as Standard Webhooks says: whsec_ and base64, several separated by commas'),
  SMTP_URL: z
    .url({ protocol: /^smtps?$/, error: 'must be an address such as smtps://user:password@mail.shop.example:465' })
    .optional()
    .describe('Mail server for alerts, such as smtps://user:password@mail.shop.example:465'),
  SMTP_FROM: z.email().optional().describe('Address that alerts come from; needed with SMTP_URL'),
  HEARTBEAT_URL: z
    .url({ protocol: /^https?$/, abort: true })
    .refine(
      (url) => checkDestinationUrl(url, { allowPrivate: true }) === undefined,
      'has a user name, or a port where no web server listens',
    )
    .optional()
    .describe(
      'Address of a check elsewhere, such as https://hc-ping.com/…, called every minute to say that the bridge runs; who has it tells you when no call comes',
    ),
  WORKERS: z.coerce
    .number()
    .int()
    .min(1)
    .max(16)
    .default(1)
    .describe('Threads that map and deliver; on two cores a second one brings some 15% more orders, and takes 60 MB'),
});

export type Environment = Record<string, string | undefined>;
/** `env` is everything that store files may name; `cut` are those of it that `.env` cuts off at a #. */
export type Config = z.infer<typeof Settings> & { env: Environment; cut: EnvFile['cut'] };

/** What misses its other half is a mistake that only both together show. */
function refuseHalves(config: Config): void {
  const { OIDC_ISSUER, OIDC_CLIENT_ID, OIDC_CLIENT_SECRET, OIDC_ROLE_CLAIM, OIDC_DOMAINS } = config;
  const wanted = Object.entries({ OIDC_ISSUER, OIDC_CLIENT_ID, OIDC_CLIENT_SECRET }).flatMap(([name, value]) =>
    value === undefined ? [name] : [],
  );
  const more = OIDC_ROLE_CLAIM !== undefined || OIDC_DOMAINS !== undefined;
  if (wanted.length !== 0 && (wanted.length !== 3 || more))
    throw new OperatorError(
      'CONFIG',
      `wrong settings: ${wanted.join(', ')} missing`,
      'OIDC_ISSUER, OIDC_CLIENT_ID and OIDC_CLIENT_SECRET go together',
    );
  if (config.ALERT_WEBHOOK_SECRET !== undefined && config.ALERT_WEBHOOK_URL === undefined)
    throw new OperatorError(
      'CONFIG',
      'wrong settings: ALERT_WEBHOOK_URL missing',
      'ALERT_WEBHOOK_SECRET signs what is sent there',
    );
  ownAlerts(config);
}

/** The links and forms of the pages begin at the root of their host name, or at /admin: no proxy can put them elsewhere. */
function refuseOtherPath(config: Config): void {
  const { ADMIN_URL } = config;
  if (ADMIN_URL === undefined) return;
  const { origin, pathname } = new URL(ADMIN_URL);
  const path = pathname.replace(/\/+$/, '');
  const own = adminPath(config);
  if (path === '' || path === own) return;
  throw new OperatorError(
    'CONFIG',
    `wrong settings: ADMIN_URL: has the path ${path}, but the pages lie ${own === '' ? 'at the root of their host name' : `under ${own}`}`,
    `write ADMIN_URL=${origin}${own}, and let the proxy send there what comes for it, with its path as it came`,
  );
}

/** Reads the environment over `.env` of the current folder. Throws an `OperatorError` that names every wrong setting. */
export function readConfig(environment: Environment, dotenvFile = '.env'): Config {
  const { values, cut: cutInFile } = readEnvFile(resolve(dotenvFile));
  const env = { ...values, ...environment };
  const cut = new Map([...cutInFile].filter(([name]) => environment[name] === undefined));
  const given = Object.fromEntries(
    Object.keys(Settings.shape).map((name) => [name, env[name] === '' ? undefined : env[name]]),
  );
  const parsed = Settings.safeParse(given, { error: plainWords });
  if (parsed.success) {
    const config = { ...parsed.data, env, cut };
    refuseHalves(config);
    refuseOtherPath(config);
    return config;
  }
  const wrong = parsed.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`);
  throw new OperatorError('CONFIG', `wrong settings: ${wrong.join('; ')}`, 'see the settings table in the README');
}

/** The operator's own contacts for alerts, and the mail server. Throws an `OperatorError` for those that miss something. */
export function ownAlerts(config: Config): { alerts: Partial<AlertSettings>; smtp: Smtp | undefined } {
  const { SMTP_URL, SMTP_FROM, ALERT_EMAIL, ALERT_WEBHOOK_URL, ALERT_WEBHOOK_SECRET } = config;
  const chats = { slack: config.ALERT_SLACK_URL, discord: config.ALERT_DISCORD_URL, teams: config.ALERT_TEAMS_URL };
  const given = {
    ...Object.fromEntries(Object.entries(chats).flatMap(([name, url]) => (url === undefined ? [] : [[name, { url }]]))),
    ...(ALERT_EMAIL !== undefined && { email: { to: listed(ALERT_EMAIL) } }),
    ...(ALERT_WEBHOOK_URL !== undefined && {
      webhook: { url: ALERT_WEBHOOK_URL, secrets: listed(ALERT_WEBHOOK_SECRET) },
    }),
  };
  const parsed = AlertSettings.safeParse(given);
  if (!parsed.success)
    throw new OperatorError(
      'CONFIG',
      'ALERT_WEBHOOK_SECRET is missing or too short',
      'make one: echo whsec_$(openssl rand -base64 32)',
    );
  if ((SMTP_URL === undefined) !== (SMTP_FROM === undefined) || (ALERT_EMAIL !== undefined && SMTP_URL === undefined))
    throw new OperatorError(
      'CONFIG',
      'e-mail needs both SMTP_URL and SMTP_FROM',
      'see the settings table in the README',
    );
  const smtp = SMTP_URL === undefined || SMTP_FROM === undefined ? undefined : { url: SMTP_URL, from: SMTP_FROM };
  return { alerts: parsed.data, smtp };
}

/** The path under which pages, API and metrics lie: on the hook port they get one of their own. Two ports of 0 are two ports. */
export const adminPath = ({ PORT, ADMIN_PORT }: Config): string => (PORT === ADMIN_PORT && PORT !== 0 ? '/admin' : '');

/** Where people reach the pages, with their path, as far as settings tell; `port` is the one that is listened on. */
export function adminUrl(config: Config, port = config.ADMIN_PORT): string {
  const { ADMIN_URL, HOST } = config;
  const path = adminPath(config);
  if (ADMIN_URL !== undefined) return new URL(ADMIN_URL).origin + path;
  const everywhere = HOST === '0.0.0.0' || HOST === '::';
  const host = everywhere ? 'localhost' : HOST.includes(':') ? `[${HOST}]` : HOST;
  return `http://${host}:${port}${path}`;
}

/** How people log in by an identity provider; undefined where there is none. */
export function identitySettings({ OIDC_ISSUER, OIDC_CLIENT_ID, OIDC_CLIENT_SECRET, ...more }: Config) {
  if (OIDC_ISSUER === undefined || OIDC_CLIENT_ID === undefined || OIDC_CLIENT_SECRET === undefined) return undefined;
  const domains = listed(more.OIDC_DOMAINS).map((domain) => domain.toLowerCase().replace(/^@/, ''));
  return {
    issuer: OIDC_ISSUER,
    clientId: OIDC_CLIENT_ID,
    clientSecret: OIDC_CLIENT_SECRET,
    name: more.OIDC_NAME,
    roleClaim: more.OIDC_ROLE_CLAIM,
    domains: domains.filter((domain) => domain !== ''),
  };
}
