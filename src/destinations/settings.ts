// Settings that several destinations have: web addresses and Google's ids, checked so that the message says what to write instead.
import { z } from 'zod';

function isPlainHttpUrl(text: string): boolean {
  const url = URL.parse(text);
  return (url?.protocol === 'https:' || url?.protocol === 'http:') && url.username === '' && url.password === '';
}

/** An http(s) address without user name and password. */
export const HttpUrl = z
  .string()
  .refine(isPlainHttpUrl, 'must be a web address that starts with https:// and carries no user name or password');

/** An origin that replaces the vendor's; the paths stay. */
export const Origin = HttpUrl.refine((text) => {
  const url = URL.parse(text);
  return url === null || (url.pathname === '/' && url.search === '' && url.hash === '');
}, 'must end after the host, such as https://proxy.example.com; the path is added by tagbridge').transform(
  (text) => new URL(text).origin,
);

/** A GA4 web stream, in capitals as Google shows it: an unknown one is answered like a right one. */
export const MeasurementId = z
  .string()
  .regex(
    /^[Gg]-[A-Za-z0-9]+$/,
    'must look like G-ABC123; it is shown in GA4 under Admin, Data streams, your web stream',
  )
  .transform((id) => id.toUpperCase());
export const ApiSecret = z
  .string()
  .min(1, 'is empty; create one in GA4 under Admin, Data streams, Measurement Protocol API secrets')
  .regex(
    /^(?!G-[A-Z0-9]+$)/,
    'is a measurement id; the secret is in GA4 under Admin, Data streams, Measurement Protocol API secrets',
  );
