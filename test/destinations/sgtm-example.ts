// What a server container is sent of events of the tests, and why it is not sent one.
import { sgtm } from '../../src/destinations/sgtm.ts';
import type { Event } from '../../src/event.ts';
import { NOW, sgtmSettings } from './example.ts';

export const request = (event: Event, more: object = {}, now = NOW) => sgtm.build([event], sgtmSettings(more), now);
export const reason = (event: Event, more: object = {}, now = NOW) =>
  sgtm.wants(event, sgtmSettings(more), now)?.reason;
