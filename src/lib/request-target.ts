// The address in a request line, as routes and signatures take it: path and query.

const ORIGIN = /^[a-z]+:\/\/[^/?]*/i;

/** Senders may write the whole address into the request line; what it says of the host is not believed. */
export function withoutOrigin(url: string): string {
  const target = url.replace(ORIGIN, '');
  return target.startsWith('/') ? target : `/${target}`;
}
