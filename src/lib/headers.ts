// Headers as Node and its HTTP clients give them.

/** As one text each; a header that came more than once is joined by ", ". */
export function flatHeaders(given: Readonly<Record<string, string | string[] | undefined>>): Record<string, string> {
  const headers: Record<string, string> = {};
  for (const name in given) {
    const value = given[name];
    if (value !== undefined) headers[name] = typeof value === 'string' ? value : value.join(', ');
  }
  return headers;
}
