// The GA4 sessions of one browser in several streams as one text: `ABC1234567=1760000000,DEF7654321=1760000001`.

/** A stream is a measurement id without `G-`, in capitals. */
export const writeSessions = (sessions: ReadonlyMap<string, string>): string =>
  [...sessions].map(([stream, id]) => `${stream}=${id}`).join(',');

export function readSessions(text: string | undefined): ReadonlyMap<string, string> {
  return new Map([...(text ?? '').matchAll(/([^=,]+)=([^=,]+)/g)].map(([, stream = '', id = '']) => [stream, id]));
}
