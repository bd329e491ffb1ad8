// For shops that make their payments by Stripe, PayPal or Square themselves: the visit's ids for the payment, made on the
// server from the Cookie header of the buyer's request and the address of the landing page.
//
//   const visit = visitOf(request.headers.cookie, landingUrl);
//   stripe.checkout.sessions.create({ …, ...forStripe(visit) })
//   purchase_units: [{ …, custom_id: forPayPal(visit) }]
//   square.orders.create({ order: { …, metadata: forSquare(visit) } })
const CLICKS = ['gclid', 'gbraid', 'wbraid', 'dclid', 'fbclid', 'ttclid', 'msclkid', 'li_fat_id'];
const UTM = ['utm_source', 'utm_medium', 'utm_campaign', 'utm_term', 'utm_content', 'utm_id'];
const CONSENT = ['ad_storage', 'analytics_storage', 'ad_user_data', 'ad_personalization'];
const COOKIE = /^(_ga|_ga_[A-Z0-9]+|_fbp|_fbc|_gcl_aw|_ttp)$/;

/** Names and values. `consent` is what the banner said, such as { ad_user_data: 'granted' }; without it none is passed on. */
export function visitOf(cookies = '', landingUrl = '', consent = {}) {
  const visit = {};
  for (const name of CONSENT) if (consent[name]) visit[`consent_${name}`] = consent[name];
  for (const pair of cookies.split(/; */)) {
    const at = pair.indexOf('=');
    if (COOKIE.test(pair.slice(0, at))) visit[pair.slice(0, at)] = decodeURIComponent(pair.slice(at + 1));
  }
  const query = URL.parse(landingUrl)?.searchParams ?? new URLSearchParams();
  const names = consent.ad_storage === 'denied' ? UTM : [...CLICKS, ...UTM];
  for (const name of names) if (query.get(name)) visit[name] = query.get(name);
  const { _ttp, ...first } = visit; // last, so that it takes nobody's place where room is short
  return _ttp === undefined ? first : { ...first, _ttp };
}

/** For checkout sessions: on the session, on its payment, and on the subscription, whose renewals then know it too. */
export function forStripe(visit, mode = 'payment') {
  const metadata = Object.fromEntries(Object.entries(visit).map(([name, value]) => [name, value.slice(0, 500)]));
  return mode === 'subscription'
    ? { metadata, subscription_data: { metadata } }
    : { metadata, payment_intent_data: { metadata } };
}

/** A custom_id of at most 127 characters: what counts most goes first, and before all what the buyer denied. */
export function forPayPal(visit) {
  const ids = ['_ga', 'gclid', 'gbraid', 'wbraid', 'fbclid', '_fbp', '_fbc', 'ttclid', 'msclkid'];
  const said = Object.keys(visit).filter((name) => name.startsWith('consent_'));
  const isDenied = (name) => visit[name] === 'denied';
  let text = '';
  for (const name of [...said.filter(isDenied), ...ids, ...said.filter((one) => !isDenied(one)), '_ttp']) {
    if (visit[name] === undefined) continue;
    const longer = `${text}${text === '' ? '' : '&'}${name}=${encodeURIComponent(visit[name])}`;
    if (longer.length <= 127) text = longer;
  }
  return text === '' ? undefined : text;
}

/** Metadata of an order: ten texts of at most 255 characters, what the buyer said of consent first. */
export function forSquare(visit) {
  const short = Object.entries(visit).filter(([, value]) => value.length <= 255);
  return Object.fromEntries(short.slice(0, 10));
}
