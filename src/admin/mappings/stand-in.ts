// A hook's contents with made-up values in the place of personal ones, of the same kind, so that a mapping can be tried on them.
import { type Hide, maskBody } from '../trace/mask.ts';

const AD_PARAMETER = /^(gclid|dclid|fbclid|ttclid|msclkid|gbraid|wbraid|utm_\w+)$/i;

/** An address of nobody, with what it says of ads. */
function standInUrl(text: string): string {
  const query = new URLSearchParams(text.split('?')[1] ?? '');
  const ads = new URLSearchParams([...query].filter(([name]) => AD_PARAMETER.test(name)));
  const origin = /^https?:/i.test(text) ? 'https://shop.example' : '';
  return `${origin}/${ads.size === 0 ? '' : `?${ads}`}`;
}

/** Letters and digits of nobody in the shape of the text; of a phone number its country stays. */
const sameShape = (text: string): string => {
  const kept = /^\+\d{2}/.exec(text)?.[0] ?? '';
  const rest = text.slice(kept.length);
  return (
    kept +
    rest
      .replace(/\p{Lu}/gu, 'X')
      .replace(/\p{L}/gu, (letter) => (letter === 'X' ? 'X' : 'x'))
      .replace(/\d/g, '1')
  );
};

const standIn: Hide = (value, key) => {
  if (typeof value !== 'string') return Number(String(value).replace(/\d/g, '1'));
  if (/@|%40/.test(value)) return 'somebody@example.com';
  if (/^(?:\d{1,3}\.){3}\d{1,3}$/.test(value)) return '203.0.113.1';
  if (/^[0-9a-f:]{3,39}$/i.test(value) && value.includes(':')) return '2001:db8::1';
  if (/agent/i.test(key)) return 'Mozilla/5.0 (X11; Linux x86_64) Somebody/1.0';
  return /^https?:|^\/[^\s]*\?/i.test(value) ? standInUrl(value) : sameShape(value);
};

export const standInBody = (value: unknown): unknown => maskBody(value, '', standIn);

/** Headers say who sent the hook; what may say whom it is about is left out of their values. */
export const standInHeaders = (headers: Readonly<Record<string, string>>): Record<string, string> =>
  Object.fromEntries(
    Object.entries(headers).map(([name, value]) => {
      const personal =
        /@|%40|(?:\d{1,3}\.){3}\d{1,3}/.test(value) || /mail|phone|\bip\b|token|secret|cookie/i.test(name);
      return [name, personal ? String(standIn(value, name)) : value];
    }),
  );
