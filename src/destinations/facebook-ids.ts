// Meta's click and browser ids: checked as they are, or the click id built from the fbclid of the landing page.
import type { Event } from '../event.ts';
import { isSaid } from '../lib/said.ts';
import { clickedAt, happenedAt } from './facts.ts';

const FBC = /^fb\.\d+\.\d+\.[^.\s]+(?:\.[A-Za-z0-9_-]{2}|\.[A-Za-z0-9_-]{8})?$/;
const FBP = /^fb\.\d+\.\d+\.\d+(?:\.[A-Za-z0-9_-]{2}|\.[A-Za-z0-9_-]{8})?$/;
const FBCLID = /^[A-Za-z0-9_-]{1,500}$/;

/**
 * The `_fbc` cookie, or `fb.1.<ms>.<fbclid>` with the time the click was seen, else the time of the event; never of the future.
 * https://developers.facebook.com/docs/marketing-api/conversions-api/parameters/fbp-and-fbc
 */
export function fbc(event: Event, now: number): string | undefined {
  if (event.fbc !== undefined && FBC.test(event.fbc)) return event.fbc;
  const fbclid = event.fbclid ?? event.page_location?.match(/[?&]fbclid=([^&#]+)/)?.[1];
  if (fbclid === undefined || !isSaid(fbclid) || !FBCLID.test(fbclid)) return undefined;
  return `fb.1.${clickedAt(event, 'fbclid', happenedAt(event, now))}.${fbclid}`;
}

/** The `_fbp` cookie; never invented. */
export function fbp(event: Event): string | undefined {
  return event.fbp !== undefined && FBP.test(event.fbp) ? event.fbp : undefined;
}
