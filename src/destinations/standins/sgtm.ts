// A stand-in for a tagging server with Stape's Data Client and Google's Measurement Protocol client.

import { tableOf } from '../../lib/table.ts';
import { measuredEvents } from './ga4.ts';
import { type Behaviour, json } from './standin.ts';

/** Text that is no object becomes an event named Data, as the Data Client does it. */
export const sgtm: Behaviour = ({ path, body, now }) => {
  if (path === '/mp/collect') return { status: 200, taken: measuredEvents(body) };
  if (path !== '/data') return { status: 400, taken: [] };
  const { event_name, event_id } = tableOf(body);
  const answer = { timestamp: Math.floor(now / 1000), unique_event_id: `${now}_100000000` };
  return json(200, answer, [`${event_name ?? 'Data'}:${event_id ?? ''}`]);
};
