// What several routes are asked with and answer alike: texts, times, pages of rows, and that something is not there.
import { z } from 'zod';
import { PLAIN_LINE } from '../../lib/plain.ts';
import { paged } from '../lists/list-view.ts';
import { problem } from './route.ts';

const MOST = 500;
/** Text that a query may carry. */
export const word = z.string().min(1).max(200).regex(PLAIN_LINE, 'has characters that cannot be seen');
export const store = word.optional().describe('Only of this store');
/** Programs say 0001 and 9999 for the beginning and the end; nothing here is of before or after these. */
const [BEGINNING, END] = [0, Date.UTC(9998, 0, 1)];
/** A time, in milliseconds since 1970 from here on. */
export const instant = z.iso
  .datetime({ offset: true })
  .transform((text) => Math.min(Math.max(Date.parse(text), BEGINNING), END));
export const unmasked = z
  .enum(['true', 'false'])
  .default('false')
  .describe('true shows personal data; needs the scope personal_data and is noted in the audit');
const ID = '[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}';
/** What rows are listed by, as `next` names them. */
export const CURSORS = {
  id: new RegExp(`^${ID}$`),
  waiting: new RegExp(`^\\d{1,15}/${ID}/[^/]+$`),
  dead: new RegExp(`^${ID}/[^/]+$`),
  attempt: new RegExp(`^${ID}/[^/]+/\\d{1,15}/\\d{1,15}/\\d{1,15}$`),
};
/** Any other text would begin at the first page again, and whoever goes on by `next` would never come to an end. */
export const NO_CURSOR = 'is not what this list gave as next; leave it out for the first page';
const limit = z.coerce.number().int().min(1).max(MOST).default(50).describe('Rows of a page');
const CURSOR = 'The `next` of the page before';
/** Where more than the form of a cursor says whether it fits. */
export const ANY_PAGING = { limit, cursor: word.optional().describe(CURSOR) };
export const pagingBy = (form: RegExp) => ({
  limit,
  cursor: z.string().regex(form, NO_CURSOR).optional().describe(CURSOR),
});
export const PAGING = pagingBy(CURSORS.id);

/** A page of rows, with the cursor of the next where there is one. */
export async function pageOf<T, R>(
  read: (limit: number) => Promise<T[]>,
  limit: number,
  shape: (row: T) => R,
  cursorOf: (row: T) => string,
): Promise<{ items: R[]; next: string | undefined }> {
  const { rows, last } = await paged(read, limit);
  return { items: rows.map(shape), next: last && cursorOf(last) };
}

/** The answer for something of another store is the one for something that is not there. */
export const notFound = (what: string) => problem(404, `There is no ${what} here, or it is older than what is kept.`);
