// The pages by which phone orders of a CSV file are imported: looked at as a whole first, then kept a part at a time.
import { counted } from '../../lib/words.ts';
import type { Store } from '../../map/files/load.ts';
import { type Chosen, FILE_FIELDS } from '../../phone/file-columns.ts';
import { importLines, lookThrough } from '../../phone/file-import.ts';
import { openFile, type PhoneFile, type ReadingOf, readLines } from '../../phone/file-read.ts';
import { isZone, type Reading } from '../../phone/file-values.ts';
import { enteredSource, type PhoneOrders } from '../../phone/phone-orders.ts';
import type { Clock } from '../../types.ts';
import { html } from '../html.ts';
import { type Answer, type Asked, type Audit, page, type Route, SELLING } from '../route.ts';
import { foundView, importView, refusedView } from './import-view.ts';

export type ImportPagesParts = { stores: () => readonly Store[]; phoneOrders: PhoneOrders; audit: Audit; now: Clock };

/** 5 MB as browsers write them into a form; more is for the command line. */
const LARGEST = 7_500_000;
/** Lines that are kept before the page hears of it. */
const STEP = 1_000;
const FIRST = 5;

const DATES: readonly Reading['dates'][] = ['iso', 'day_month', 'month_day'];
const DECIMALS: readonly Reading['decimal'][] = ['either', 'comma', 'point'];

const readingOf = (form: URLSearchParams): Reading => ({
  dates: DATES.find((one) => one === form.get('dates')) ?? 'iso',
  decimal: DECIMALS.find((one) => one === form.get('decimal')) ?? 'either',
  zone: form.get('zone') ?? 'UTC',
});

const chosenOf = (form: URLSearchParams): Chosen =>
  Object.fromEntries(
    FILE_FIELDS.flatMap((field) => {
      const column = form.get(`column_${field}`);
      return column === null ? [] : [[field, column]];
    }),
  );

export function importRoutes({ stores, phoneOrders, audit, now }: ImportPagesParts): Route[] {
  const places = () => stores().filter((store) => enteredSource(store) !== undefined);

  type Opened = { store: Store; file: PhoneFile; parts: ReadingOf };
  const open = ({ form }: Asked): Opened | { problem: string } => {
    const store = places().find(({ name }) => name === form.get('store'));
    if (store === undefined) return { problem: 'this store takes no phone orders' };
    const file = openFile(Buffer.from(form.get('file') ?? '', 'base64'), chosenOf(form));
    if ('problem' in file) return file;
    const reading = readingOf(form);
    if (!isZone(reading.zone))
      return { problem: 'its dates have no time zone of this name; write one like Europe/Amsterdam' };
    const { country, currency } = store.settings;
    return { store, file, parts: { reading, around: { country, currency, now: now() } } };
  };

  const check = async (asked: Asked): Promise<Answer> => {
    const opened = open(asked);
    if ('problem' in opened) return { kind: 'part', content: refusedView(opened.problem) };
    const { file, parts } = opened;
    const isKnown = file.columns.problems.length === 0;
    const found = isKnown ? await lookThrough(readLines(file, parts), FIRST) : undefined;
    return { kind: 'part', content: foundView(file, found) };
  };

  const step = async (asked: Asked): Promise<Answer> => {
    const opened = open(asked);
    const json = (value: object): Answer => ({ kind: 'file', type: 'application/json', text: JSON.stringify(value) });
    if ('problem' in opened) return json({ problem: opened.problem });
    const { store, file, parts } = opened;
    if (file.columns.problems.length > 0) return json({ problem: file.columns.problems.join('; ') });
    const { user } = asked.visitor;
    const from = Math.max(0, Math.trunc(Number(asked.form.get('from'))) || 0);
    const maker = { id: user.id, how: 'file' } as const;
    const { lines, kept, before, bad } = await importLines(readLines(file, parts, from), {
      store,
      phoneOrders,
      maker,
      most: STEP,
    });
    if (kept > 0)
      await audit({
        actor: user.email,
        action: 'phone orders imported',
        store: store.name,
        detail: counted(kept, 'order', 'orders'),
      });
    return json({ lines, kept, before, refused: bad.length, ended: lines < STEP });
  };

  const post = { method: 'post', roles: SELLING, largest: LARGEST } as const;
  return [
    {
      method: 'get',
      path: '/phone/import',
      roles: SELLING,
      answer: (asked) => {
        const titles = places().map(({ name, settings }) => ({ name, title: settings.title ?? name }));
        return page(
          'Import phone orders',
          titles.length === 0
            ? html`<h1>Import phone orders</h1><p class="notice">No store takes phone orders.</p>`
            : importView(asked.visitor, titles),
        );
      },
    },
    { ...post, path: '/phone/import/check', answer: check },
    { ...post, path: '/phone/import/step', answer: step },
  ];
}
