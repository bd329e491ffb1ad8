// Passwords: scrypt as RFC 7914 describes it, with the costs OWASP asks for, and never more than two at a time.
import { randomBytes, type ScryptOptions, scrypt, timingSafeEqual } from 'node:crypto';

export const SHORTEST_PASSWORD = 12;
const LONGEST = 200;
const COST = { N: 2 ** 15, r: 8, p: 3 };
const KEY_BYTES = 32;
/** Each takes 32 MB and a tenth of a second or more of a thread that files and name look-ups need too. */
const AT_ONCE = 2;

/** Why a password is not taken, in words; undefined when it is. */
export function refusePassword(password: string, again: string, email: string): string | undefined {
  if (password.length < SHORTEST_PASSWORD) return `The password needs at least ${SHORTEST_PASSWORD} characters.`;
  if (password.length > LONGEST) return `The password may have at most ${LONGEST} characters.`;
  if (password.toLowerCase() === email) return 'The password may not be the e-mail address.';
  return password === again ? undefined : 'The two passwords are not the same.';
}

const derive = (password: string, salt: Buffer, { N, r, p }: typeof COST): Promise<Buffer> => {
  const options: ScryptOptions = { N, r, p, maxmem: 256 * N * r };
  return new Promise((resolve, reject) => {
    scrypt(password.normalize('NFKC'), salt, KEY_BYTES, options, (error, key) =>
      error ? reject(error) : resolve(key),
    );
  });
};

/** `scrypt$N$r$p$salt$key` */
const format = ({ N, r, p }: typeof COST, salt: Buffer, key: Buffer): string =>
  ['scrypt', N, r, p, salt.toString('base64'), key.toString('base64')].join('$');

/** Stands in for a user that is not there, so that the answer takes as long. */
const NOBODY = format(COST, Buffer.alloc(16), Buffer.alloc(KEY_BYTES));

export function createPasswords() {
  let running = 0;
  const waiting: (() => void)[] = [];
  const inTurn = async <T>(work: () => Promise<T>): Promise<T> => {
    if (running >= AT_ONCE) await new Promise<void>((resolve) => waiting.push(resolve));
    else running += 1;
    try {
      return await work();
    } finally {
      const next = waiting.shift();
      if (next === undefined) running -= 1;
      else next();
    }
  };
  return {
    hash: (password: string): Promise<string> =>
      inTurn(async () => {
        const salt = randomBytes(16);
        return format(COST, salt, await derive(password, salt, COST));
      }),
    /** Takes the same time for a `stored` that is undefined, and is false. */
    matches: (password: string, stored: string | undefined): Promise<boolean> =>
      inTurn(async () => {
        const [, N, r, p, salt = '', key = ''] = (stored ?? NOBODY).split('$');
        const cost = { N: Number(N), r: Number(r), p: Number(p) };
        const derived = await derive(password.slice(0, LONGEST), Buffer.from(salt, 'base64'), cost);
        return timingSafeEqual(derived, Buffer.from(key, 'base64')) && stored !== undefined;
      }),
  };
}
