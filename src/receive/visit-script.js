// The script that a shop's pages load: tells the bridge which browser came by which click, once the visitor agrees.
// REQUIRED: nothing is stored or sent before consent. CALLING: the calling code of phone numbers written without one.
// It keeps two cookies: _tb (visitor, visit, last seen) and _tb_c (click ids and when each was seen first).
// Consent comes from Google's consent mode, a TCF banner, the WP Consent API, or tagbridge('consent', { … }).
// A visit ends after half an hour of silence, or with another click. Whatever goes wrong is its own affair: it throws nothing
// into the page that calls it. visit-script-text.ts is made of this file, in the words that browsers knew in 2019, by
// UPDATE_DOCS=1 npx vitest run test/receive/visit-script.test.ts
(() => {
  // Under short names, of which there are many.
  const [doc, here] = [document, location];
  const { stringify } = JSON;
  const address = doc.currentScript.src.slice(0, -3);
  const KEYS = ['ad_storage', 'analytics_storage', 'ad_user_data', 'ad_personalization'];
  const CLICK = /^((g|d|fb|tt)clid|[gw]braid|msclkid|li_fat_id|epik|ScCid)$/;
  const COOKIE = /^(_fb[pc]$|_gcl_|ttclid|_ttp|_uetmsclkid|li_fat_id|_epik|_scclid)/;
  const consent = {};
  const told = {};
  const landed = Date.now();
  // For a page that may keep no cookies.
  let mine = '';
  let known = {};
  let sent;
  let code;

  const readCookies = () => {
    const found = {};
    for (const pair of doc.cookie.split('; ')) {
      const [name, ...value] = pair.split('=');
      try {
        found[name] = decodeURIComponent(value.join('='));
      } catch {}
    }
    return found;
  };
  // On the widest domain that the browser allows, so that shop. and checkout. share it.
  const write = (name, value, seconds = 7776e3) => {
    const host = here.hostname.split('.');
    for (const domain of [...host.map((_, at) => host.slice(~at).join('.')), '']) {
      doc.cookie = `${name}=${encodeURIComponent(value)};path=/;max-age=${seconds};domain=${domain}`;
      if (seconds && readCookies()[name] === value) return;
    }
  };

  const agree = (values, regional) => {
    for (const key of KEYS) {
      const value = values[key];
      // A default for some regions only may not be this visitor's; what it denies is not risked.
      if (value === 'denied' || (value && !regional)) consent[key] = value;
    }
    tell();
  };
  const answer = (...answers) =>
    agree(Object.fromEntries(KEYS.map((key, at) => [key, answers[at] ? 'granted' : 'denied'])));
  const hear = (entry) => {
    if (entry && entry[0] === 'consent' && entry[2]) agree(entry[2], entry[1] === 'default' && entry[2].region);
  };
  const may = (key) => consent[key] === 'granted' || !(REQUIRED || consent[key]);

  const look = () => {
    const ads = may(KEYS[0]);
    const now = Date.now();
    const cookies = readCookies();
    if (!ads && !may(KEYS[1])) {
      mine = '';
      known = {};
      if (cookies._tb) {
        write('_tb', '', 0);
        write('_tb_c', '', 0);
      }
      return;
    }
    const { _tb = mine } = cookies;
    let [visitor, visit, last] = _tb.split('.');
    let isNew = !(now - last < 18e5);
    try {
      known = JSON.parse(cookies._tb_c);
    } catch {}
    const utm = {};
    for (const [name, value] of new URLSearchParams(here.search)) {
      if (/^utm_/.test(name)) utm[name] = value;
      if (ads && CLICK.test(name) && value) {
        const [before] = known[name] || [];
        if (before !== value) {
          known[name] = [value, landed];
          isNew = true;
        }
      }
    }
    if (isNew) visit = now;
    if (!visitor) visitor = crypto.getRandomValues(new Uint32Array(4)).join('-'); // randomUUID is not everywhere
    mine = [visitor, visit, now].join('.');
    write('_tb', mine);
    const clicks = {};
    if (ads) {
      write('_tb_c', stringify(known));
      for (const name in known) clicks[name] = [known[name][0], now - known[name][1]];
    }
    const own = {};
    for (const name in cookies)
      if ((ads && COOKIE.test(name)) || (may(KEYS[1]) && /^_ga/.test(name))) own[name] = cookies[name];
    const places = doc.querySelectorAll('[data-tagbridge-code]');
    const post = {
      visitor,
      visit: `${visit}`,
      consent,
      utm,
      cookies: own,
      page: here.origin + here.pathname,
      referrer: doc.referrer.split('?')[0],
      ...(cookies.cart && { cart: cookies.cart }),
      ...told,
    };
    const text = stringify([post, known, !places[0]]); // that the code came is no news
    if (text === sent) return;
    sent = text;
    fetch(address, {
      method: 'POST',
      body: stringify({ ...post, ...(places[0] && !code && { code: true }), clicks, age: now - visit }),
      keepalive: true,
      credentials: 'omit',
    })
      .then((reply) => reply.json())
      .then((given) => {
        code = given.code;
        for (const place of places) place.textContent = code;
      })
      .catch(() => {}); // a visit that is only noted has an empty answer
  };
  const tell = () => {
    try {
      look();
    } catch {}
  };

  const hash = async (text) =>
    new Uint8Array(await crypto.subtle.digest('SHA-256', new TextEncoder().encode(text))).reduce(
      (hex, byte) => hex + (byte + 256).toString(16).slice(1),
      '',
    );
  const toE164 = (text) =>
    text
      .replace(/[^\d+]/g, '')
      .replace(/^00/, '+')
      .replace(/^0?(?=\d)/, `+${CALLING}`);
  const call = async (what, value) => {
    if (what === 'consent') return agree(value);
    if (what !== 'identify') told[what] = `${value}`;
    else {
      if (value.email) told.email = await hash(value.email.trim().toLowerCase());
      if (value.phone) told.phone = await hash(toE164(value.phone));
    }
    tell();
  };

  const { q = [] } = { ...self.tagbridge };
  // Loaded by a theme and a tag manager both, it is there once; what has changed since is told.
  if (doc[address]) return doc[address]();
  doc[address] = tell;
  self.tagbridge = call;
  const layer = self.dataLayer || [];
  self.dataLayer = layer;
  const { push } = layer;
  layer.forEach(hear);
  layer.push = (...entries) => {
    entries.forEach(hear);
    return push.apply(layer, entries);
  };
  const askBanners = () => {
    if (self.__tcfapi)
      __tcfapi('addEventListener', 2, ({ eventStatus, gdprApplies, purpose }, isRight) => {
        if (!isRight || eventStatus === 'cmpuishown') return;
        const of = (...numbers) => gdprApplies === false || numbers.every((number) => purpose.consents[number]);
        answer(of(1), of(1), of(1, 7), of(3, 4));
      });
    askWordPress();
    setTimeout(tell, 1500); // once the tags have set their cookies
  };
  const askWordPress = () => {
    const { wp_has_consent: asked } = self;
    if (!asked) return;
    const ads = asked('marketing');
    answer(ads, asked('statistics'), ads, ads);
  };
  doc.addEventListener('wp_listen_for_consent_change', askWordPress);
  if (doc.readyState === 'complete') askBanners();
  else addEventListener('load', askBanners);
  for (const one of q) call(...one);
  tell();
})();
