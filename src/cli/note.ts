// Notes in the audit what was done on the command line, and by whom.
import { userInfo } from 'node:os';
import type { Keep } from '../keep/keep.ts';
import type { AuditLine } from '../keep/questions/audit.ts';

/** Who runs the command. A container's user may have no name. */
export function whoTypes(): string {
  try {
    return userInfo().username;
  } catch {
    return `user ${process.getuid?.() ?? 'unknown'}`;
  }
}

export const note = (keep: Pick<Keep, 'writeAudit'>, line: Omit<AuditLine, 'at' | 'actor'>): Promise<void> =>
  keep.writeAudit({ at: Date.now(), actor: whoTypes(), ...line });
