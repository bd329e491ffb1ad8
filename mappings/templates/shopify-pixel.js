// Tells tagbridge which visit a checkout belongs to: its token, and the ids that your tags and the visit script have set.
// Your bridge and store, and the cookie of your GA4 stream (its measurement id without G-).
const BRIDGE = 'https://hooks.acme.example/t/acme';
const STREAM = '_ga_ABC1234567';

let privacy = init.customerPrivacy;
api.customerPrivacy.subscribe('visitorConsentCollected', (event) => {
  privacy = event.customerPrivacy;
});

const ADS = ['_fbp', '_fbc', '_gcl_aw', '_gcl_gb', '_ttp', '_epik'];
const state = (allowed) => (allowed ? 'granted' : 'denied');
const read = async (names) => {
  const values = await Promise.all(names.map((name) => browser.cookie.get(name)));
  return Object.fromEntries(names.flatMap((name, at) => (values[at] ? [[name, decodeURIComponent(values[at])]] : [])));
};

async function tell({ data }) {
  const { marketingAllowed: ads, analyticsProcessingAllowed: analytics } = privacy;
  if (!ads && !analytics) return;
  const own = await read(['_tb', '_tb_c']);
  const now = Date.now();
  const [visitor = crypto.randomUUID(), visit = String(now)] = own._tb ? own._tb.split('.') : [];
  if (!own._tb) await browser.cookie.set(`_tb=${visitor}.${visit}.${now}; path=/; max-age=7776000`);
  const known = ads && own._tb_c ? JSON.parse(own._tb_c) : {};
  const clicks = Object.fromEntries(
    Object.entries(known).map(([name, [id, at]]) => [name, [id, Math.max(0, now - at)]]),
  );
  const { checkout } = data;
  const order = /\d+$/.exec(checkout.order?.id ?? '')?.[0];
  const { origin, pathname } = new URL(init.context.document.location.href);
  const post = {
    visitor,
    visit,
    age: Math.max(0, now - Number(visit)),
    consent: {
      ad_storage: state(ads),
      analytics_storage: state(analytics),
      ad_user_data: state(ads),
      ad_personalization: state(ads),
    },
    cookies: await read([...(analytics ? ['_ga', STREAM] : []), ...(ads ? ADS : [])]),
    clicks,
    utm: {},
    page: origin + pathname,
    checkout: checkout.token,
    ...(order !== undefined && { order }),
    partial: true,
  };
  fetch(BRIDGE, { method: 'POST', body: JSON.stringify(post), keepalive: true });
}

analytics.subscribe('checkout_started', tell);
analytics.subscribe('checkout_completed', tell);
