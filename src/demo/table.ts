// Shows received requests field by field, side by side for the destinations that got the same event.
import type { Received } from './standins.ts';

const WIDTH = 46;
const cut = (text: string) => (text.length > WIDTH ? `${text.slice(0, WIDTH - 1)}…` : text);

/** Paths and values of nested JSON, one row each. */
function rows(value: unknown, path = ''): [string, string][] {
  if (Array.isArray(value))
    return value.length === 0 ? [[path, '[]']] : value.flatMap((item, index) => rows(item, `${path}[${index}]`));
  if (typeof value === 'object' && value !== null) {
    return Object.entries(value).flatMap(([key, inner]) => rows(inner, path === '' ? key : `${path}.${key}`));
  }
  return [[path, typeof value === 'string' ? value : JSON.stringify(value)]];
}

/** One block per request, in the order of arrival; those for a token tell nothing of an event. */
export function table(received: readonly Received[]): string {
  return received
    .filter(({ body }) => body !== undefined)
    .map(({ destination, path, status, body }) => {
      const fields = rows(body);
      const wide = Math.max(...fields.map(([name]) => name.length), 0);
      const lines = fields.map(([name, value]) => `  ${name.padEnd(wide)}  ${cut(value)}`);
      return [`${destination.toUpperCase()}  POST ${path}  answered ${status ?? 'nothing'}`, ...lines].join('\n');
    })
    .join('\n\n');
}
