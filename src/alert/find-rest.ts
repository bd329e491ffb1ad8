// Findings about the disk and the database, and about mapping files.
import { count, counted } from '../lib/words.ts';
import type { Facts, Finding } from './finding.ts';

const MB = 1_000_000;
/** Room of which somebody must hear: a tenth of the disk, but no more than 2 GB and no less than four times what stops it. */
const roomNeeded = (size: number): number => Math.max(128 * MB, Math.min(2_000 * MB, size / 10));

export function findInDisk({ disk, now, open }: Facts): Finding[] {
  if (disk === undefined) return [];
  const needed = roomNeeded(disk.size);
  if (disk.free > needed * 1.25) return [];
  return [
    {
      subject: 'disk',
      kind: 'disk',
      stores: [],
      title: 'The disk is nearly full',
      detail: `${count(disk.free / MB)} MB of ${count(disk.size / MB)} MB are free. Without room, hooks are refused; senders try again for some hours only.`,
      todo: 'Make room where DATA_DIR is, or keep bodies for a shorter time (RETENTION_BODIES_DAYS).',
      path: '/',
      since: open.get('disk')?.since ?? now,
      weight: disk.free < needed ? 'opens' : 'holds',
    },
  ];
}

export const findInDatabase = ({ worries, now, open }: Facts): Finding[] =>
  worries.map(({ name, detail, todo }) => {
    const subject = `database ${name}`;
    return {
      subject,
      kind: 'database',
      stores: [],
      title: 'The database is held up',
      detail,
      todo,
      path: '/',
      since: open.get(subject)?.since ?? now,
      weight: 'opens',
    };
  });

export function findInFiles({ problems, now, open }: Facts): Finding[] {
  const [first] = problems;
  if (first === undefined) return [];
  return [
    {
      subject: 'mapping',
      kind: 'mapping',
      stores: [],
      title: 'A mapping file is broken',
      detail: `${counted(problems.length, 'mistake', 'mistakes')}, the first in ${first.file}, line ${first.line}: ${first.code}.`,
      todo: 'Mend the file; it is loaded by itself. Until then the last good one is used. tagbridge check shows all mistakes.',
      path: '/mappings',
      since: open.get('mapping')?.since ?? now,
      weight: 'opens',
    },
  ];
}
