// A negative control: the keep questions no longer look at the lease, so whoever held a row before may still act on it, and
// nobody notes that sending begins, so whoever holds it next does not know.
import { DatabaseSync } from 'node:sqlite';

const prepare = DatabaseSync.prototype.prepare;
const FENCE = /\band (?:\w+\.)?lease_id = (given\.\w+|\?\d*)/g;
const OF_MANY = /\(event_id, destination, lease_id\) in \((values .*)\)/;
const NOTE = 'set sending_since = given.now';

DatabaseSync.prototype.prepare = function (this: DatabaseSync, sql: string) {
  const open = sql
    .replace(FENCE, 'and $1 is not null')
    .replace(NOTE, 'set sending_since = null')
    .replace(OF_MANY, '(event_id, destination) in (select column1, column2 from ($1))');
  return prepare.call(this, open);
};
