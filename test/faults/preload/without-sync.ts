// A negative control: commits are no longer flushed to the disk, so a power cut must show loss.
import { DatabaseSync } from 'node:sqlite';

const exec = DatabaseSync.prototype.exec;

DatabaseSync.prototype.exec = function (this: DatabaseSync, sql: string): void {
  exec.call(this, sql.replace(/synchronous\s*=\s*full/i, 'synchronous = off'));
};
