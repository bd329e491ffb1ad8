// What counts as a table in data that came as JSON, YAML or XML.

export type Table = Record<string, unknown>;

/** An object with keys, and no list. */
export function isTable(value: unknown): value is Table {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
