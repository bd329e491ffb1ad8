// `tagbridge import phone-orders`: keeps the orders of a CSV file, beside a running service or without one; may be run again.
import { readConfig } from '../config.ts';
import { withKept } from '../keep/beside.ts';
import type { Keep } from '../keep/keep.ts';
import { OperatorError } from '../lib/errors.ts';
import { newId } from '../lib/id.ts';
import { count, counted } from '../lib/words.ts';
import type { Store } from '../map/files/load.ts';
import { masked } from '../map/show.ts';
import { type Chosen, FILE_FIELD_WORDS, FILE_FIELDS } from '../phone/file-columns.ts';
import { type BadLine, type Found, importLines, lookThrough } from '../phone/file-import.ts';
import { DELIMITER_WORDS, openFile, type PhoneFile, type ReadingOf, readLines } from '../phone/file-read.ts';
import { isZone, type Reading } from '../phone/file-values.ts';
import { createPhoneOrders, enteredSource } from '../phone/phone-orders.ts';
import { readArguments } from './arguments.ts';
import { readBytes } from './body.ts';
import type { Command, Terminal } from './command.ts';
import { note, whoTypes } from './note.ts';
import { createProgress } from './progress.ts';
import { findStore } from './store.ts';

const USAGE =
  'phone-orders FILE --store S [--dry-run] [--dates day-month|month-day] [--decimal comma|point] [--zone Europe/Amsterdam] [--column amount="Total due"]…';
const SHOWN = 3;

const bad = (message: string, hint = `tagbridge import ${USAGE}`) => new OperatorError('ARGUMENT', message, hint);

const DATES: Record<string, Reading['dates']> = { 'day-month': 'day_month', 'month-day': 'month_day' };

function readingOf({ dates, decimal, zone = 'UTC' }: { dates?: string; decimal?: string; zone?: string }): Reading {
  const order = dates === undefined ? 'iso' : DATES[dates];
  if (order === undefined) throw bad(`--dates ${dates} is neither day-month nor month-day`);
  if (decimal !== undefined && decimal !== 'comma' && decimal !== 'point')
    throw bad(`--decimal ${decimal} is neither comma nor point`);
  if (!isZone(zone)) throw bad(`--zone ${zone} is no time zone`, 'write it like Europe/Amsterdam');
  return { dates: order, decimal: decimal ?? 'either', zone };
}

function chosenOf(columns: readonly string[] = []): Chosen {
  return Object.fromEntries(
    columns.map((text) => {
      const [name = '', ...column] = text.split('=');
      const field = FILE_FIELDS.find((one) => one === name);
      if (field === undefined || column.length === 0)
        throw bad(`--column ${text} names no field`, `write --column FIELD=NAME; fields: ${FILE_FIELDS.join(', ')}`);
      return [field, column.join('=')];
    }),
  );
}

async function open(path: string, chosen: Chosen): Promise<PhoneFile> {
  const bytes = await readBytes(path);
  const file = openFile(bytes, chosen);
  if ('problem' in file) throw new OperatorError('FILE', `${path}: ${file.problem}`, 'nothing was imported');
  if (file.columns.problems.length > 0) {
    const known = file.heads.map((head) => `“${head}”`).join(', ');
    throw new OperatorError(
      'FILE',
      `${path}: ${file.columns.problems.join('; ')}`,
      `columns of the file: ${known}; choose with --column FIELD=NAME, or --column FIELD= for none`,
    );
  }
  return file;
}

/** How the file is read: what its columns are. */
function tellColumns({ encoding, delimiter, heads, columns: { places } }: PhoneFile, { out }: Terminal): void {
  out(`read as ${encoding}, cells between ${DELIMITER_WORDS[delimiter]}s`);
  for (const [field, at] of places) out(`  “${heads[at]}” is read as: ${FILE_FIELD_WORDS[field]}`);
  const used = new Set(places.values());
  const unread = heads.filter((_, at) => !used.has(at)).map((head) => `“${head}”`);
  if (unread.length > 0) out(`  not read: ${unread.join(', ')}`);
}

/** An order as it is read, its customer masked. */
function orderText({ line, order }: Found['first'][number]): string {
  const { number = 'without a number', amount, currency, agreed_at, phone, email, code } = order;
  const who = [phone, email, code].flatMap((text) => (text === undefined ? [] : [masked(text)]));
  return `  line ${line}: ${number}, ${amount} ${currency}, ${agreed_at}, ${who.join(' ')}`;
}

const badText = ({ line, mistakes }: BadLine): string =>
  mistakes.map(({ column, message }) => `line ${line}${column === '' ? '' : `, ${column}`}: ${message}`).join('\n');

const refused = (bad: readonly BadLine[]): string => `${counted(bad.length, 'line', 'lines')} refused`;

/** Lines as far as a bar can be drawn of them before they are read. */
const linesIn = ({ text }: PhoneFile): number => text.split('\n').length - 1;

type Running = { file: PhoneFile; parts: ReadingOf; store: Store; terminal: Terminal };

async function tell({ file, parts, terminal: { out } }: Running): Promise<number> {
  const progress = createProgress('read', linesIn(file));
  const { good, first, bad } = await lookThrough(readLines(file, parts), SHOWN, () => progress.step(1));
  progress.end();
  for (const one of first) out(orderText(one));
  for (const line of bad) out(badText(line));
  out(`${counted(good, 'order', 'orders')} would be imported, ${refused(bad)}`);
  return bad.length === 0 ? 0 : 1;
}

async function keepOrders({ file, parts, store, terminal: { out } }: Running, keep: Keep): Promise<number> {
  const progress = createProgress('imported', linesIn(file));
  const { kept, before, bad } = await importLines(readLines(file, parts), {
    store,
    phoneOrders: createPhoneOrders({ keep, now: Date.now, newId }),
    maker: { id: whoTypes(), how: 'file' },
    onLine: () => progress.step(1),
  });
  progress.end();
  for (const line of bad) out(badText(line));
  const again = before === 0 ? '' : `, ${count(before)} had been imported before`;
  const said = `${counted(kept, 'order', 'orders')} imported${again}, ${refused(bad)}`;
  out(said);
  await note(keep, { action: 'phone orders imported', store: store.name, detail: said });
  return bad.length === 0 ? 0 : 1;
}

export const importFile: Command = {
  usage: USAGE,
  help: 'Keeps the phone orders of a CSV file and names every line it cannot read; run again, nothing counts twice',
  run: async (args, terminal) => {
    const { values, positionals } = readArguments({
      args,
      allowPositionals: true,
      options: {
        store: { type: 'string' },
        dates: { type: 'string' },
        decimal: { type: 'string' },
        zone: { type: 'string' },
        column: { type: 'string', multiple: true },
        'dry-run': { type: 'boolean', default: false },
      },
    });
    const [what, path] = positionals;
    if (what !== 'phone-orders' || path === undefined || positionals.length > 2)
      throw bad('say what is to be imported, and name one file');
    const config = readConfig(terminal.env);
    const store = await findStore(config, values.store);
    if (enteredSource(store) === undefined) throw bad(`store ${store.name} takes no phone orders`);
    const { country, currency } = store.settings;
    const file = await open(path, chosenOf(values.column));
    const parts = { reading: readingOf(values), around: { country, currency, now: Date.now() } };
    tellColumns(file, terminal);
    const running = { file, parts, store, terminal };
    return values['dry-run'] ? tell(running) : withKept(config, terminal.err, (keep) => keepOrders(running, keep));
  },
};
