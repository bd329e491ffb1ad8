// What is watched: each kind of incident, in the words of settings and pages.

export const KINDS = {
  silence:
    'a source that is quieter than its hours and weekdays explain, or never sent anything, or one of its topics that stopped',
  purchases: 'purchases that stop, or nearly, while hooks come',
  signature: 'requests whose signature does not fit',
  lost: 'orders of which no webhook told, so that they had to be fetched from the shop',
  reconcile: 'a shop that for hours does not let its orders be compared',
  webhooks: 'webhooks that the shop itself switched off, or that were deleted there',
  stuck: 'hooks that could not be mapped',
  behind: 'hooks that wait to be mapped, or for what an API does not answer',
  token: 'a destination that is paused, such as for a refused token',
  queue: 'deliveries that have waited too long',
  failures: 'a destination where many tries fail',
  dead: 'deliveries that ended without arriving',
  skipped: 'a destination that gets much fewer of the events than the week before, because they are left out',
  value: 'purchases worth ten times more or less than the week before, or in a new currency',
  recount:
    'purchases that a destination took and its own report does not have, or has more than once; a report that cannot be asked',
  quality:
    'purchases or leads of which a destination finds few of the people, or does not know those again that the browser sends too; an access token that ends soon',
  match: 'fewer events with e-mail, client id or click id than the week before',
  keep: 'hooks that cannot be kept, because the database is away, takes no writes, or its disk is full',
  disk: 'a disk that is nearly full',
  database: 'a database that old transactions or unread replication slots hold up',
  mapping: 'mapping files with mistakes',
} as const;
export type Kind = keyof typeof KINDS;
export const KIND_NAMES = Object.keys(KINDS).filter((name): name is Kind => name in KINDS);
