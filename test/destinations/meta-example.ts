// What Meta is sent of events of the tests, and the browser of somebody who bought.
import { meta } from '../../src/destinations/meta.ts';
import type { Event } from '../../src/event.ts';
import { bodyOf, metaSettings, NOW } from './example.ts';

export const request = (events: Event[], now = NOW, more: object = {}) => meta.build(events, metaSettings(more), now);
export const sent = (event: Event, now = NOW, more: object = {}) => bodyOf(request([event], now, more)).data[0];
export const BROWSER = { ip_override: '203.0.113.7', user_agent: 'Mozilla/5.0' };
