// `tagbridge import phone-orders`: keeps the orders of a CSV file, beside a running service or without one; may be run again.
import { readFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { readConfig } from '../config.ts';
import { OperatorError } from '../lib/errors.ts';
import { newId } from '../lib/id.ts';
import { count, counted } from '../lib/words.ts';
import type { Store } from '../map/load.ts';
import { masked } from '../map/show.ts';
import { type Chosen, FILE_FIELD_WORDS, FILE_FIELDS } from '../phone/file-columns.ts';
import { type BadLine, type Imported, importLines } from '../phone/file-import.ts';
import { DELIMITER_WORDS, openFile, type PhoneFile, type ReadingOf, readLines } from '../phone/file-read.ts';
import { isZone, type Reading } from '../phone/file-values.ts';
import { createPhoneOrders, enteredSource } from '../phone/phone-orders.ts';
import type { Command, Terminal } from './command.ts';
import { withKept } from './kept.ts';
import { whoTypes } from './person.ts';
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
  const bytes = await readFile(path).catch((error: unknown) => {
    const message = error instanceof Error ? error.message : String(error);
    throw new OperatorError('FILE', `cannot read ${path}: ${message}`, 'name the file that is to be imported');
  });
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

const hidden = (text: string | undefined): string => (text === undefined ? '' : masked(text));

/** How the file is read: its columns, and its first orders with their customers masked. */
async function preview(file: PhoneFile, parts: ReadingOf, { out }: Terminal): Promise<void> {
  const { places } = file.columns;
  out(`read as ${file.encoding}, cells between ${DELIMITER_WORDS[file.delimiter]}s`);
  for (const [field, at] of places) out(`  “${file.heads[at]}” is the ${FILE_FIELD_WORDS[field].toLowerCase()}`);
  const used = new Set(places.values());
  const unread = file.heads.filter((_, at) => !used.has(at)).map((head) => `“${head}”`);
  if (unread.length > 0) out(`  not read: ${unread.join(', ')}`);
  let shown = 0;
  for await (const line of readLines(file, parts)) {
    if (!('entry' in line)) continue;
    const { number, amount, currency, agreed_at, phone, email, code } = line.entry;
    const who = [hidden(phone), hidden(email), code].filter((text) => text !== '' && text !== undefined).join(' ');
    out(`  line ${line.line}: ${number ?? 'without a number'}, ${amount} ${currency}, ${agreed_at}, ${who}`);
    shown += 1;
    if (shown === SHOWN) return;
  }
}

const badText = ({ line, mistakes }: BadLine): string =>
  mistakes.map(({ column, message }) => `line ${line}${column === '' ? '' : `, ${column}`}: ${message}`).join('\n');

const said = ({ good, kept, before, bad: refused }: Imported, isDry: boolean): string => {
  const told = isDry
    ? `${counted(good, 'order', 'orders')} would be imported`
    : `${counted(kept, 'order', 'orders')} imported`;
  const again = before === 0 ? '' : `, ${count(before)} had been imported before`;
  return `${told}${again}, ${counted(refused.length, 'line', 'lines')} refused`;
};

type Running = { file: PhoneFile; parts: ReadingOf; store: Store; isDry: boolean; terminal: Terminal };

/** Lines that a bar can be drawn of before they are read. */
const linesIn = ({ text }: PhoneFile): number => text.split('\n').length - 1;

async function run(
  { file, parts, store, isDry, terminal }: Running,
  phoneOrders?: Parameters<typeof importLines>[1]['phoneOrders'],
): Promise<Imported> {
  const progress = createProgress(isDry ? 'read' : 'imported', linesIn(file));
  let done = 0;
  const imported = await importLines(readLines(file, parts), {
    store,
    phoneOrders,
    maker: { id: whoTypes(), how: 'file' },
    onDone: ({ lines }) => {
      progress.step(lines - done);
      done = lines;
    },
  });
  progress.end();
  for (const line of imported.bad) terminal.out(badText(line));
  terminal.out(said(imported, isDry));
  return imported;
}

export const importFile: Command = {
  usage: USAGE,
  help: 'Keeps the phone orders of a CSV file and names every line it cannot read; run again, nothing counts twice',
  run: async (args, terminal) => {
    const { values, positionals } = parseArgs({
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
    const store = await findStore(terminal.env, values.store);
    if (enteredSource(store) === undefined) throw bad(`store ${store.name} takes no phone orders`);
    const { country, currency } = store.settings;
    const file = await open(path, chosenOf(values.column));
    const parts = { reading: readingOf(values), around: { country, currency, now: Date.now() } };
    await preview(file, parts, terminal);
    const isDry = values['dry-run'];
    const running = { file, parts, store, isDry, terminal };
    if (isDry) return (await run(running)).bad.length === 0 ? 0 : 1;
    return withKept(readConfig(terminal.env), async (keep) => {
      const imported = await run(running, createPhoneOrders({ keep, now: Date.now, newId }));
      const line = { at: Date.now(), actor: whoTypes(), action: 'phone orders imported', store: store.name };
      await keep.writeAudit({ ...line, detail: said(imported, false) });
      return imported.bad.length === 0 ? 0 : 1;
    });
  },
};
