// From what a browser posted to the fields of a visit: ids out of cookies and addresses, none that was not agreed to.
import type { Visit, VisitField } from '../enrich/visit.ts';
import type { ConsentKey } from '../event.ts';
import { withoutSecrets } from '../lib/page-address.ts';
import { isSaid } from '../lib/said.ts';
import { DAY_MS } from '../lib/time.ts';
import { ID_FUNCTIONS } from '../map/functions/ids.ts';
import type { VisitPost } from '../receive/visit-post.ts';
import type { From } from '../receive/visits.ts';

/** May this be used, by what the visitor said and what the store asks for? */
export const mayUse = ({ consent }: VisitPost, key: ConsentKey, required: boolean): boolean =>
  consent[key] === 'granted' || (!required && consent[key] === undefined);

type Seen = { value: string; at: number } | undefined;

/** The older form is GCL.<seconds>.<id>, the newer one lists letters and values: k the id, i the seconds. */
function gcl(cookie: string | undefined, now: number): Seen {
  const [, seconds, old] = /^GCL\.(\d{9,11})\.([\w-]+)$/.exec(cookie ?? '') ?? [];
  const [, id = old] = /^\d\.\d\.(?:[^$]*\$)*k([\w-]+)(?:\$|$)/.exec(cookie ?? '') ?? [];
  const [, since = seconds] = /\$i(\d{9,11})(?:\$|$)/.exec(cookie ?? '') ?? [];
  return id === undefined ? undefined : { value: id, at: since === undefined ? now : Number(since) * 1000 };
}

const FBC = /^fb\.\d\.(\d{12,14})\.([^.\s]+)/;
const FBP = /^fb\.\d\.\d+\.\d+/;
const TTP = /^[\w.-]{5,100}$/;

/** The Meta click id: the pixel's own cookie, or built from the id in the address with the time it was seen first. */
function facebook({ cookies: { _fbc: cookie = '' } }: VisitPost, clicked: Seen): { fbclid: Seen; fbc: Seen } {
  const [, ms, id] = FBC.exec(cookie) ?? [];
  const told = ms === undefined || id === undefined ? undefined : { value: cookie, at: Number(ms) };
  if (clicked === undefined || id === clicked.value || (told !== undefined && told.at > clicked.at))
    return { fbclid: id === undefined || told === undefined ? clicked : { value: id, at: told.at }, fbc: told };
  return { fbclid: clicked, fbc: { value: `fb.1.${clicked.at}.${clicked.value}`, at: clicked.at } };
}

/** The session of the stream that the store sends to; of all there are where that is not said. */
function sessionCookies({ cookies }: VisitPost, accounts: readonly string[]): string[] {
  const streams = Object.entries(cookies).flatMap(([name, value]) =>
    name.startsWith('_ga_') ? [{ stream: name.slice(4), value }] : [],
  );
  const own = streams.find(({ stream }) => accounts.some((account) => account.endsWith(stream)));
  return own === undefined ? streams.map(({ value }) => value) : [own.value];
}

const textOf = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined);
/** Without its query, which may say who somebody is, and tokens in its path. */
const bare = (address: string | undefined): string | undefined =>
  address === undefined ? undefined : withoutSecrets(address.split(/[?#]/)[0] ?? '');

type Settings = { required: boolean; accounts: readonly string[]; now: number };

export function visitFields(
  post: VisitPost,
  from: From,
  { required, accounts, now }: Settings,
): Pick<Visit, 'fields' | 'seen'> {
  const fields: Visit['fields'] = {};
  const seen: Visit['seen'] = {};
  const set = (field: VisitField, value: string | undefined): void => {
    if (value !== undefined && isSaid(value)) fields[field] = value;
  };
  const setSeen = (field: VisitField, given: Seen): void => {
    if (given === undefined || given.value === '') return;
    fields[field] = given.value;
    seen[field] = Math.min(given.at, now);
  };
  const clicked = (name: keyof VisitPost['clicks']): Seen => {
    const click = post.clicks[name];
    return click && isSaid(click[0]) ? { value: click[0], at: now - Math.min(click[1], 90 * DAY_MS) } : undefined;
  };
  /** From the address with its time, else from the cookie that keeps it, which says none. */
  const setClick = (field: VisitField, name: keyof VisitPost['clicks'], cookie: string | undefined): void => {
    setSeen(field, clicked(name));
    if (fields[field] === undefined) set(field, cookie);
  };
  const { cookies, utm } = post;

  if (mayUse(post, 'analytics_storage', required)) {
    set('client_id', textOf(ID_FUNCTIONS.ga_client_id?.fn(cookies._ga)));
    set('session_id', textOf(ID_FUNCTIONS.ga_session_id?.fn(sessionCookies(post, accounts))));
    set('session_ids', textOf(ID_FUNCTIONS.ga_session_ids?.fn(cookies, '_ga_')));
  }
  if (mayUse(post, 'ad_storage', required)) {
    setSeen('gclid', clicked('gclid') ?? gcl(cookies._gcl_aw, now));
    setSeen('gbraid', clicked('gbraid') ?? gcl(cookies._gcl_ag, now));
    setSeen('wbraid', clicked('wbraid') ?? gcl(cookies._gcl_gb, now));
    setSeen('dclid', clicked('dclid') ?? gcl(cookies._gcl_dc, now));
    const { fbclid, fbc } = facebook(post, clicked('fbclid'));
    setSeen('fbclid', fbclid);
    setSeen('fbc', fbc);
    set('fbp', FBP.exec(cookies._fbp ?? '')?.input);
    setClick('ttclid', 'ttclid', cookies.ttclid);
    set('ttp', TTP.exec(cookies._ttp ?? '')?.input);
    setClick('msclkid', 'msclkid', cookies._uetmsclkid?.replace(/^_uet/, ''));
    setClick('li_fat_id', 'li_fat_id', cookies.li_fat_id);
    setClick('epik', 'epik', cookies._epik);
    setClick('sc_click_id', 'ScCid', cookies._scclid);
  }
  for (const name of ['source', 'medium', 'campaign', 'term', 'content', 'id'] as const)
    set(`utm_${name}`, utm[`utm_${name}`]);
  if (mayUse(post, 'ad_user_data', required)) {
    set('ip_override', from.ip);
    set('user_agent', from.user_agent);
  }
  set('page_location', bare(post.page));
  set('page_referrer', bare(post.referrer));
  return { fields, seen };
}
