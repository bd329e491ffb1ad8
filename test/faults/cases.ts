// The list of cases, in the order in which they run.
import { backlogCases } from './cases/backlog.ts';
import { clockCases } from './cases/clock.ts';
import { diskCases } from './cases/disk.ts';
import { hostileCases } from './cases/hostile.ts';
import { killCases } from './cases/kill.ts';
import { networkCases } from './cases/network.ts';
import { orderCases } from './cases/orders.ts';
import { poisonCases } from './cases/poison.ts';
import { receiverCases } from './cases/receivers.ts';
import { stopCases } from './cases/stop.ts';
import { timingCases } from './cases/timing.ts';
import { replicaCases } from './postgres/replica-cases.ts';
import { serverCases } from './postgres/server-cases.ts';
import { versionCases } from './postgres/version-cases.ts';
import type { Case } from './suite.ts';

export const cases: readonly Case[] = [
  ...killCases,
  ...diskCases,
  ...clockCases,
  ...receiverCases,
  ...networkCases,
  ...orderCases,
  ...poisonCases,
  ...stopCases,
  ...hostileCases,
  ...timingCases,
  ...backlogCases,
];

/** Those of several bridges on PostgreSQL. */
export const postgresCases: readonly Case[] = [...serverCases, ...replicaCases, ...versionCases];
