// What tests of a connection share: a made-up event that says so, and words for the owner when nothing came back.
import type { Event } from '../event.ts';
import type { ProbeAsk, Probed } from '../types.ts';
import type { Failure } from './judge.ts';

const ADVICE: Record<Failure['failure'], string> = {
  dns: 'The name of the host cannot be found. Look for a slip in its address in the store file, and whether this machine can resolve names.',
  refused: 'The host is there and takes no connections on this port. Check the address, and the firewalls in between.',
  tls: 'The secure connection failed: the certificate has expired, is of another name, or is of nobody this machine trusts.',
  timeout: 'No answer in time. A firewall may drop what goes out, or the host is too busy.',
  reset: 'The connection broke before an answer came. A proxy or firewall in between may have cut it.',
  forbidden_address:
    'The address leads into a private network, where nothing is sent. Check it in the store file, or set ALLOW_PRIVATE_DESTINATIONS=true if it is meant.',
};

/** Why nothing came back, and what to look at. `detail` is no more than a code or a host. */
export const failedProbe = ({ failure, detail }: Failure): Probed => ({
  ok: false,
  text: ADVICE[failure],
  details: [detail],
});

/** An event of nobody, told apart by its name from everything that a shop sends. */
export const probeEvent = (now: number): Event => ({
  name: 'tagbridge_test',
  event_id: `tagbridge-test-${now}`,
  event_time: new Date(now).toISOString(),
  action_source: 'other',
  external_id: 'tagbridge-test',
});

/** Asks for the code under which the receiver shows test events; `help` says where its owner finds it. */
export const testEventCode = (help: string): ProbeAsk => ({
  name: 'test_event_code',
  label: 'Test event code',
  help,
  pattern: /^[A-Za-z0-9]{3,40}$/,
});
