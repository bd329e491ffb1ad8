// Ids of hooks, events and leases.
import { v7 } from 'uuid';

/** A UUID version 7 (RFC 9562): ids sort by the time they were made, so new rows land at the end of an index. */
export const newId = (): string => v7();

/** The smallest id that could be made at `at`, in milliseconds since 1970: every id made since is greater or equal. */
export const firstIdAt = (at: number): string => {
  const hex = at.toString(16).padStart(12, '0');
  return `${hex.slice(0, 8)}-${hex.slice(8)}-7000-8000-000000000000`;
};

/** When an id was made, in milliseconds since 1970. */
export const timeOf = (id: string): number => Number.parseInt(id.slice(0, 8) + id.slice(9, 13), 16);
