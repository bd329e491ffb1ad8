// The tables of alerts: incidents, what is owed to whom about them, and who watches. Part of the list of migrations.

export const alertTables = ({ clustered }: { clustered: string }): string[] => [
  // What went wrong, in words, and what is owed to whom about it. due_at is null when nothing is left to tell.
  `create table incidents (
      id text primary key,
      subject text not null,
      kind text not null,
      stores text not null,
      title text not null,
      detail text not null,
      todo text not null,
      path text not null,
      since bigint not null,
      opened_at bigint not null,
      calm_since bigint,
      ended_at bigint
    )`,
  'create unique index incidents_open on incidents (subject) where ended_at is null',
  `create table notices (
      incident_id text not null,
      contact text not null,
      phase text not null,
      due_at bigint,
      lease_id text,
      attempts bigint not null,
      sent_at bigint,
      problem text,
      primary key (incident_id, contact, phase)
    ) ${clustered}`,
  'create index notices_due on notices (due_at) where due_at is not null',
  `create table watches (
      name text primary key,
      holder text not null,
      lease_until bigint not null,
      watched_since bigint not null,
      seen_at bigint not null
    )`,
  `create table known_sources (
      store text not null,
      source text not null,
      known_since bigint not null,
      primary key (store, source)
    ) ${clustered}`,
];
