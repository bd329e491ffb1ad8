// Posts of the visit script as the benchmarks send them: a new visitor each, with a click and all the cookies tags set.
import { GRANTED } from '../support/visitor.ts';
export const ORIGIN = 'https://lamps.example';
export const VISITS_PATH = '/t/shop';
export const VISIT_HEADERS = {
  origin: ORIGIN,
  'content-type': 'text/plain;charset=UTF-8',
  'user-agent':
    'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/146.0.0.0 Safari/537.36',
};

/** Gives one body after the other, each of another visitor. */
export function createVisitPosts(now: number): () => Buffer {
  const seconds = Math.floor(now / 1_000);
  let drawn = 0;
  return () => {
    drawn += 1;
    const client = `${1_000_000_000 + drawn}.${seconds}`;
    return Buffer.from(
      JSON.stringify({
        visitor: `00000000-0000-4000-8000-${String(drawn).padStart(12, '0')}`,
        visit: String(now),
        consent: GRANTED,
        utm: { utm_source: 'google', utm_medium: 'cpc', utm_campaign: 'autumn' },
        cookies: {
          _ga: `GA1.1.${client}`,
          _ga_BENCH00001: `GS2.1.s${seconds}$o1$g1$t${seconds}$j0$l0$h0`,
          _fbp: `fb.1.${now}.${drawn}`,
          _gcl_au: `1.1.${drawn}.${seconds}`,
        },
        page: `${ORIGIN}/collections/lamps`,
        referrer: 'https://www.google.com/',
        cart: `cart-${drawn}`,
        clicks: { gclid: [`Cj0KCQiA-${drawn}`, 4_000] },
        age: 4_000,
      }),
    );
  };
}
