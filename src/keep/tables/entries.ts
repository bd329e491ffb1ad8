// The table of what people enter here: whose work it is, and what finds it again. Part of the list of migrations.
import type { Dialect } from './migrations.ts';

export const entryTables = ({ clustered }: Dialect): string[] => [
  // Beside its hook: who entered it, and by what it is known for a duplicate. E-mail and phone are marks.
  `create table entries (
    hook_id text primary key,
    store text not null,
    made_by text not null,
    how text not null,
    kind text not null,
    number text not null,
    email_mark bytea,
    phone_mark bytea
  ) ${clustered}`,
  'create index entries_made_by on entries (made_by, hook_id)',
  'create index entries_number on entries (store, number)',
  'create index entries_email on entries (email_mark) where email_mark is not null',
  'create index entries_phone on entries (phone_mark) where phone_mark is not null',
];

/** What the page of the phone team lists, however much came from files. */
export const entryIndexes = (): string[] => [
  'drop index entries_made_by',
  'create index entries_made_by on entries (made_by, kind, hook_id)',
  'create index entries_listed on entries (kind, hook_id)',
];

/** Of one that was taken back: the entry that was saved in its place. */
export const entryHeirs = (): string[] => ['alter table entries add column replaced_by text'];

/** Of a customer who only said the code of the page. */
export const entryCodes = (): string[] => [
  'alter table entries add column code_mark bytea',
  'create index entries_code on entries (code_mark) where code_mark is not null',
];
