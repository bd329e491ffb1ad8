// What can be written at a place of a YAML file, by a JSON Schema. Runs in the browser, as the text of this one function.

export type Option = { label: string; type: string; apply: string; info?: string };
export type Completion = { from: number; options: Option[] } | null;

/**
 * Keys or values that fit at the offset `at` of a block or one-line flow mapping; null where nothing is known. Branches of
 * the schema that cannot be told apart are taken together. Uses nothing from outside itself.
 */
export function complete(schema: unknown, text: string, at: number): Completion {
  type Table = Record<string, unknown>;
  const isTable = (value: unknown): value is Table =>
    typeof value === 'object' && value !== null && !Array.isArray(value);
  const listOf = (value: unknown): unknown[] => (Array.isArray(value) ? value : []);

  /** The schemas that a schema stands for: references followed, branches laid open. */
  const expand = (given: unknown, depth = 0): Table[] => {
    if (!isTable(given) || depth > 12) return [];
    const { $ref } = given;
    const path = typeof $ref === 'string' ? $ref.split('/').slice(1) : [];
    const referred = path.reduce<unknown>((inner, key) => (isTable(inner) ? inner[key] : undefined), schema);
    const branches = [given.anyOf, given.oneOf, given.allOf].flatMap(listOf);
    const further = path.length > 0 ? [referred, ...branches] : branches;
    return [given, ...further.flatMap((inner) => expand(inner, depth + 1))];
  };
  const step = (from: Table[], key: string): Table[] => {
    if (key === '-') return from.flatMap((one) => expand(one.items));
    const named = from.flatMap((one) => (isTable(one.properties) ? expand(one.properties[key]) : []));
    return named.length > 0 ? named : from.flatMap((one) => expand(one.additionalProperties));
  };

  const KEY = /^(\s*(?:- +)*)(?:"([^"]*)"|'([^']*)'|([^\s:#"'{[][^:#]*?))\s*:(?:\s|$)/;
  const keyIn = (line: string) => {
    const [, lead, double, single, plain] = KEY.exec(line) ?? [];
    const key = double ?? single ?? plain;
    return lead === undefined || key === undefined ? undefined : { key, indent: lead.length, lead };
  };
  const lines = text.slice(0, at).split('\n');
  const current = lines.at(-1) ?? '';

  /** The keys above a line that is indented by `indent`, the outermost first; `-` is an element of a list. */
  const pathTo = (index: number, indent: number): string[] => {
    let below = indent;
    const path: string[] = [];
    for (let row = index - 1; row >= 0 && below > 0; row--) {
      const line = lines[row] ?? '';
      if (/^\s*(#|$)/.test(line)) continue;
      const found = keyIn(line);
      const dash = /^\s*(?=- )/.exec(line)?.[0].length;
      if (found !== undefined && found.indent < below) {
        path.unshift(found.key);
        below = found.indent;
      }
      if (dash !== undefined && dash < below) {
        path.unshift('-');
        below = dash;
      }
    }
    return path;
  };

  /** Where the cursor is: the path to its table, the key whose value is being written if any, and what is written so far. */
  const place = (): { path: string[]; key: string | undefined; word: string } => {
    const open = current.lastIndexOf('{') > current.lastIndexOf('}') ? current.lastIndexOf('{') : -1;
    const head = open === -1 ? undefined : keyIn(current.slice(0, open));
    if (head !== undefined) {
      const part =
        current
          .slice(open + 1)
          .split(',')
          .at(-1) ?? '';
      const [, key, word = ''] = /^\s*([^:\s]+)\s*:\s*(.*)$/.exec(part) ?? [];
      const path = [...pathTo(lines.length - 1, head.indent), head.key];
      return key === undefined ? { path, key, word: part.trim() } : { path, key, word };
    }
    const lead = /^\s*(?:- +)*/.exec(current)?.[0] ?? '';
    const own = keyIn(`${current} `);
    const dashes = lead.includes('-') ? ['-'] : [];
    const path = [...pathTo(lines.length - 1, lead.includes('-') ? lead.indexOf('-') + 1 : lead.length), ...dashes];
    if (own === undefined) return { path, key: undefined, word: current.slice(lead.length) };
    return { path, key: own.key, word: /:\s*(.*)$/.exec(current.slice(own.lead.length + own.key.length))?.[1] ?? '' };
  };

  const { path, key, word } = place();
  if (/[#]|["'].*\s/.test(word)) return null;
  const table = path.reduce(step, expand(schema));
  const options = new Map<string, Option>();
  const add = (label: string, type: string, apply: string, info: unknown) => {
    if (!options.has(label)) options.set(label, { label, type, apply, ...(typeof info === 'string' && { info }) });
  };
  if (key === undefined) {
    for (const { properties } of table)
      for (const [name, inner] of Object.entries(isTable(properties) ? properties : {}))
        add(
          name,
          'property',
          `${name}: `,
          expand(inner).find(({ description }) => description !== undefined)?.description,
        );
  } else {
    for (const { const: only, enum: several, type, description } of step(table, key)) {
      const values = [
        ...(only === undefined ? [] : [only]),
        ...listOf(several),
        ...(type === 'boolean' ? [true, false] : []),
      ];
      for (const value of values) add(String(value), 'enum', String(value), description);
    }
  }
  return options.size === 0 ? null : { from: at - word.length, options: [...options.values()] };
}
