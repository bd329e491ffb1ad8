// What a request says its body is.

/** The media type of a request in lower case, without its parameters. */
export const mediaType = (headers: Readonly<Record<string, string>>): string | undefined =>
  headers['content-type']?.split(';')[0]?.trim().toLowerCase();
