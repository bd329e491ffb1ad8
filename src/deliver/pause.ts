// A pause lifts by itself once the settings under which it came are no longer in use: somebody gave a new token.
import { sha256 } from '../lib/hash.ts';
import type { Route } from './questions.ts';

const LENGTH = 16;

/** Stands for the settings of a route, secrets included, and tells nothing about them. */
export const stampOf = ({ settings }: Pick<Route, 'settings'>): string =>
  sha256(JSON.stringify(settings)).slice(0, LENGTH);

/** Has every route of the account other settings by now? Without a stamp, or without a route, the pause stays. */
export function isOver(pause: { account: string; settings?: string }, routes: readonly Route[]): boolean {
  const own = routes.filter(({ account }) => account === pause.account);
  return pause.settings !== undefined && own.length > 0 && own.every((route) => stampOf(route) !== pause.settings);
}
