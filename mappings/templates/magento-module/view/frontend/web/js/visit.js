// Keeps the click ids of the landing page, and what the consent banner said, in a cookie that the checkout reads.
(() => {
  const CLICKS = ['gclid', 'gbraid', 'wbraid', 'dclid', 'fbclid', 'ttclid', 'msclkid', 'li_fat_id'];
  const UTM = ['utm_source', 'utm_medium', 'utm_campaign', 'utm_term', 'utm_content', 'utm_id'];
  const CONSENT = ['ad_storage', 'analytics_storage', 'ad_user_data', 'ad_personalization'];
  // What the consent banner told Google's tags: gtag('consent', 'default' or 'update', {…}).
  const consent = () => {
    const said = {};
    for (const entry of window.dataLayer ?? []) {
      if (entry?.[0] !== 'consent') continue;
      const [, kind, values] = entry;
      for (const name of CONSENT) {
        if (values?.[name] === undefined) continue;
        // A default for some regions only says nothing about this visitor.
        if (kind === 'update') said[name] = values[name];
        else if (values.region !== undefined) said[name] = 'unknown';
        else if (said[name] === undefined) said[name] = values[name];
      }
    }
    return said;
  };
  const before = () => {
    const cookie = document.cookie.split('; ').find((pair) => pair.startsWith('tagbridge_visit='));
    try {
      return JSON.parse(decodeURIComponent(cookie.slice('tagbridge_visit='.length)));
    } catch {
      return {}; // none, or not ours
    }
  };
  const keep = () => {
    const here = new URLSearchParams(location.search);
    const landed = [...CLICKS, ...UTM].some((name) => here.get(name)) ? Object.fromEntries(here) : before();
    const said = consent();
    const names = said.ad_storage === 'denied' ? UTM : [...CLICKS, ...UTM];
    const visit = Object.fromEntries(
      names.flatMap((name) => (landed[name] ? [[name, landed[name].slice(0, 300)]] : [])),
    );
    for (const name of CONSENT) if (/^(granted|denied)$/.test(said[name])) visit[`consent_${name}`] = said[name];
    const secure = location.protocol === 'https:' ? '; secure' : '';
    // For this visit only: what lasts longer is kept by the tags themselves, in _gcl_aw and _fbc.
    document.cookie = `tagbridge_visit=${encodeURIComponent(JSON.stringify(visit))}; path=/; samesite=lax${secure}`;
  };
  keep();
  window.addEventListener('load', () => setTimeout(keep, 1500)); // once the banner has spoken
  window.addEventListener('pagehide', keep);
})();
