// The tables of comparing with what shops list: how far each list was compared, and what was found by it. Part of the list of migrations.
import type { Dialect } from './migrations.ts';

/** Of hooks: somebody sent it. What was fetched because nobody did says nothing of whether webhooks come. */
export const SENT = 'not exists (select 1 from found_hooks where hook_id = hooks.id)';

export const foundTables = ({ clustered }: Dialect): string[] => [
  // compared_until is the mark from which the next comparison goes on; problem is why the last try did not come to its end.
  `create table comparisons (
    store text not null,
    source text not null,
    list text not null,
    tried_at bigint not null,
    done_at bigint,
    compared_until bigint,
    listed bigint not null,
    problem text,
    primary key (store, source, list)
  ) ${clustered}`,
  // Hooks that nobody sent.
  `create table found_hooks (
    hook_id text primary key,
    store text not null,
    source text not null
  ) ${clustered}`,
  'create index found_hooks_source on found_hooks (store, source, hook_id)',
];
