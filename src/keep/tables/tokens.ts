// The tables of API tokens, of the answers to their requests, and the indexes of the audit page. Part of the list of migrations.

export const tokenTables = ({ clustered }: { clustered: string }): string[] => [
  // Keys of other programs to the API. Lists are words with spaces between; no store means every store.
  `create table tokens (
      id text primary key,
      secret_hash text not null,
      name text not null,
      scopes text not null,
      stores text not null,
      created_at bigint not null,
      created_by text not null,
      expires_at bigint,
      used_at bigint
    )`,
  // What was answered to requests that may come again; no status while the first one is at work.
  `create table token_answers (
      token_id text not null,
      key text not null,
      request_hash text not null,
      at bigint not null,
      status bigint,
      answer text,
      primary key (token_id, key)
    ) ${clustered}`,
  'create index token_answers_at on token_answers (at)',
  'create index audit_actor on audit (actor, id)',
  'create index audit_action on audit (action, id)',
  'create index audit_store on audit (store, id) where store is not null',
];
