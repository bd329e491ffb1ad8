// Which of several servers is chosen, and why none was: no server runs here.
import { expect, test } from 'vitest';
import { KeepError } from '../../../src/keep/error.ts';
import { createChooser } from '../../../src/keep/postgres/chooser.ts';

const standby = () => Promise.reject(new KeepError('away', 'the server is a standby'));
const full = () => Promise.reject(new KeepError('busy', 'no place for another session'));

test.each([{ hosts: [full, standby] }, { hosts: [standby, full] }])(
  'of a primary without a place for another session and its standby, the primary says why there is none',
  async ({ hosts }) => {
    await expect(createChooser(hosts)()).rejects.toMatchObject({ failure: 'busy' });
  },
);
