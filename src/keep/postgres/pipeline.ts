// Steps as one message to PostgreSQL: every statement is bound and run without waiting, and one Sync commits them all.
import type { Connection, FieldDef, Submittable } from 'pg';
import type { Row, SqlValue, Step } from '../../types.ts';
import { emptyResults, type Run } from '../together.ts';

/** A statement that the server knows by name, and the columns of its rows. */
export type Prepared = { name: string; sql: string; fields: Column[]; known: boolean };
export type Column = { name: string; read: (text: string) => SqlValue };

const NUMBER = (text: string): number => Number(text);
/** By the ids of types in PostgreSQL's catalogue; whatever is not here is text. Counts and times stay far below 2^53. */
const READERS: Record<number, Column['read']> = {
  16: (text) => (text === 't' ? 1 : 0),
  17: (text) => Buffer.from(text.slice(2), 'hex'),
  20: NUMBER,
  21: NUMBER,
  23: NUMBER,
  700: NUMBER,
  701: NUMBER,
  1700: NUMBER,
};
const AS_TEXT = (text: string): string => text;

const columnsOf = (fields: readonly FieldDef[]): Column[] =>
  fields.map(({ name, dataTypeID }) => ({ name, read: READERS[dataTypeID] ?? AS_TEXT }));

function readRow(columns: readonly Column[], fields: readonly (string | null)[]): Row {
  const row: Row = {};
  for (const [index, { name, read }] of columns.entries()) {
    const field = fields[index];
    row[name] = field === null || field === undefined ? null : read(field);
  }
  return row;
}

const asParameter = (value: SqlValue): string | Buffer | null => {
  if (typeof value === 'number') return String(value);
  return value instanceof Uint8Array ? Buffer.from(value.buffer, value.byteOffset, value.length) : value;
};

export type Pipeline = {
  steps: readonly Step[];
  runs: readonly Run[];
  prepared: readonly Prepared[];
  unused: readonly string[];
};

type Messages = { fields: FieldDef[] };
type Handlers = Submittable & {
  handleRowDescription: (message: Messages) => void;
  handleDataRow: (message: { fields: (string | null)[] }) => void;
  handleCommandComplete: () => void;
  handleEmptyQuery: () => void;
  handlePortalSuspended: () => void;
  handleError: (error: unknown) => void;
  handleReadyForQuery: () => void;
};

/**
 * What `client.query` takes to run the steps, in order and as one transaction: without a Begin, the server opens one with the
 * first statement and commits it at the Sync (postgresql.org/docs/current/protocol-flow.html, Pipelining). `runs` is what the
 * steps come to and `prepared` answers one statement for each; `unused` are names that the server may forget.
 */
export function createPipeline(
  { steps, runs, prepared, unused }: Pipeline,
  done: (error: unknown, results: Row[][][]) => void,
): Handlers {
  const results: Row[][][] = emptyResults(steps);
  /** Which run the server is answering. */
  let current = 0;
  const next = (): void => {
    current += 1;
  };
  const parsed = new Set<Prepared>();
  const sendAll = (connection: Connection): void => {
    for (const name of unused) connection.close({ type: 'S', name }, true);
    for (const [index, { values }] of runs.entries()) {
      const statement = prepared[index];
      if (statement === undefined) continue;
      const first = !statement.known && !parsed.has(statement);
      if (first) parsed.add(statement);
      if (first) connection.parse({ name: statement.name, text: statement.sql, types: [] }, true);
      connection.bind({ statement: statement.name, values: values.map(asParameter) }, true);
      if (first) connection.describe({ type: 'P', name: '' }, true);
      connection.execute({}, true);
    }
    connection.sync();
  };
  return {
    submit: (connection) => {
      connection.stream.cork();
      try {
        sendAll(connection);
      } finally {
        connection.stream.uncork();
      }
    },
    handleRowDescription: ({ fields }) => {
      const statement = prepared[current];
      if (statement !== undefined) statement.fields = columnsOf(fields);
    },
    handleDataRow: ({ fields }) => {
      const { step = 0, run = 0 } = runs[current] ?? {};
      results[step]?.[run]?.push(readRow(prepared[current]?.fields ?? [], fields));
    },
    handleCommandComplete: next,
    handleEmptyQuery: next,
    handlePortalSuspended: next,
    handleError: (error) => done(error, []),
    handleReadyForQuery: () => {
      for (const statement of parsed) statement.known = true;
      done(undefined, results);
    },
  };
}
