// A negative control: the keep questions no longer look at the lease, so whoever held a row before may still act on it.
import { DatabaseSync } from 'node:sqlite';

const prepare = DatabaseSync.prototype.prepare;
const FENCE = /\band lease_id = (\?\d+)/g;

DatabaseSync.prototype.prepare = function (this: DatabaseSync, sql: string) {
  return prepare.call(this, sql.replace(FENCE, 'and $1 is not null'));
};
