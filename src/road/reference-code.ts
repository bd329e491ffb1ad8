// Reference codes: short, said on the phone, and without letters and digits that are taken for each other.
import { hash } from 'node:crypto';

/** Not among them: 0 O, 1 I L, 2 Z, 5 S, 8 B, U V. */
const LETTERS = '34679ACDEFGHJKMNPQRTWXY';
/** The first tries are short; a store with very many visitors gets longer ones. */
const LENGTHS = [4, 4, 4, 5, 5, 6, 6];

/** Up to 32 letters and digits that are always the same for a text, and hardly ever those of another. */
export function lettersFor(text: string, length: number): string {
  const digest = hash('sha256', text, 'buffer');
  return Array.from({ length }, (_, at) => LETTERS[(digest[at] ?? 0) % LETTERS.length]).join('');
}

/** The codes to try for a visitor, always the same ones, best first. */
export const codesFor = (store: string, visitor: string): string[] =>
  LENGTHS.map((length, turn) => lettersFor(`${store}\n${visitor}\n${turn}`, length));
