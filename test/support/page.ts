// As much of a web page as the snippets in mappings/templates use: cookies, an address, fields, events, no clock.
import { createContext, runInContext } from 'node:vm';

export type Field = { name?: string; data?: string; value: string; dispatchEvent: () => void };
export type Page = {
  cookie?: string;
  search?: string;
  /** Properties of window. */
  window?: Record<string, unknown>;
  /** Input fields, by name or by data-tagbridge. */
  fields?: { name?: string; data?: string }[];
  /** What querySelectorAll finds for other selectors. */
  elements?: Record<string, unknown[]>;
  /** What the browser kept of the visit before. */
  kept?: Record<string, string>;
  /** It may keep nothing: whoever asks for its store is refused, as by Firefox and Chrome where cookies are blocked. */
  keepsNothing?: boolean;
};
export type Ran = {
  posted: { url: string; body: string }[];
  fields: Field[];
  kept: Record<string, string>;
  /** The cookies that were set. */
  cookies: string[];
  /** Sends an event to who listens on the window or the document. */
  send: (type: string, event: object) => void;
};

/** The script of a file, with or without its tag. */
const scriptOf = (text: string) => /<script>([\s\S]*)<\/script>/.exec(text)?.[1] ?? text;

/** Runs a snippet in a page, and then everything it waits for: the load of the page and its timers. */
export async function runInPage(text: string, page: Page): Promise<Ran> {
  const listeners: { type: string; run: (event: object) => void }[] = [];
  const listen = (type: string, run: (event: object) => void) => listeners.push({ type, run });
  const posted: Ran['posted'] = [];
  const cookies: string[] = [];
  const kept = { ...page.kept };
  const fields = (page.fields ?? []).map((field) => ({ ...field, value: '', dispatchEvent: () => {} }));
  const document = {
    get cookie() {
      return [page.cookie, ...cookies.map((one) => one.split(';')[0])].filter(Boolean).join('; ');
    },
    set cookie(text: string) {
      cookies.push(text);
    },
    addEventListener: listen,
    querySelectorAll: (selector: string) => {
      const [, name] = /input\[name="([^"]+)"\]/.exec(selector) ?? [];
      if (name === undefined) return page.elements?.[selector] ?? [];
      return fields.filter((field) => field.name === name || field.data === name);
    },
  };
  const fetch = (url: string, { body }: { body: string }) => {
    posted.push({ url, body });
    return Promise.resolve({ ok: true });
  };
  const context = createContext({
    window: { ...page.window, addEventListener: listen },
    document,
    location: { search: page.search ?? '', protocol: 'https:' },
    get sessionStorage() {
      if (page.keepsNothing === true) throw new Error('The operation is insecure.');
      return {
        getItem: (key: string) => kept[key] ?? null,
        setItem: (key: string, value: string) => {
          kept[key] = value;
        },
      };
    },
    setTimeout: (run: () => void) => run(),
    Event: class {},
    URL,
    URLSearchParams,
    fetch,
  });
  runInContext(scriptOf(text), context);
  const send = (type: string, event: object) => {
    for (const listener of listeners) if (listener.type === type) listener.run(event);
  };
  send('load', {});
  await new Promise((done) => setImmediate(done)); // what the snippet does once it was answered
  return { posted, fields, kept, cookies, send };
}

/** What a site's tags set: Google's, Meta's, and things that are nobody's business. */
export const COOKIES =
  '_ga=GA1.1.1380133182.1764792191; _ga_TEST000001=GS2.1.s1794992000%24o5%24g1; _ttp=2TestTikTokCookie01.tt.1; _fbp=fb.1.1764792190054.1; _fbc=fb.1.1794991990123.AbC; _gcl_aw=GCL.1794991980.Cj0K; session=secret; _shopify_y=1';
/** The ids in them, as events say them. */
export const IDS = {
  client_id: '1380133182.1764792191',
  session_id: '1794992000',
  fbp: 'fb.1.1764792190054.1',
  fbc: 'fb.1.1794991990123.AbC',
  gclid: 'Cj0K',
  ttp: '2TestTikTokCookie01.tt.1',
};

/** What a banner tells Google's tags, as window.dataLayer. */
export const consentMode = (...said: [kind: 'default' | 'update', values: object][]) => ({
  dataLayer: said.map(([kind, values]) => ['consent', kind, values]),
});
