// Signed orders as requests ready to be sent, of which only what differs from one to the next is written anew.
import { createOrders, PATH, PLACE_OF_ID, shopifyHeaders } from './orders.ts';

/** A whole request, and where in it stand the order's id, the signature and the numbers of the two ids of the delivery. */
type Template = { bytes: Buffer; id: number; signature: number; deliveries: number[] };

const NO_SIGNATURE = 'S'.repeat(44);
/** The last part of a UUID is the number of the request, the rest is of this process. */
const NUMBER_DIGITS = 12;

function headOf(host: string, path: string, headers: Record<string, string>, length: number): string {
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  return `POST ${path} HTTP/1.1\r\nhost: ${host}\r\ncontent-length: ${length}\r\n${lines.join('')}\r\n`;
}

/** The bytes of a request as they go over the wire. */
export const makeRequest = (host: string, path: string, headers: Record<string, string>, body: Buffer): Buffer =>
  Buffer.concat([Buffer.from(headOf(host, path, headers, body.length), 'latin1'), body]);

function makeTemplate(host: string, body: Buffer): Template {
  const headers = shopifyHeaders(body, NO_SIGNATURE);
  const bytes = makeRequest(host, PATH, headers, body);
  const deliveries = ['x-shopify-webhook-id', 'x-shopify-event-id'].map((name) => {
    const uuid = headers[name] ?? '';
    return bytes.indexOf(uuid) + uuid.length - NUMBER_DIGITS;
  });
  const id = bytes.length - body.length + PLACE_OF_ID;
  return { bytes, id, signature: bytes.indexOf(NO_SIGNATURE), deliveries };
}

/** `write` puts the next order's request into a buffer of `longest` bytes and answers what of it is to be sent. */
export function createOrderRequests(now: number) {
  const orders = createOrders(now);
  const byHost = new Map<string, Template[]>();
  const templatesFor = (host: string): Template[] => {
    const known = byHost.get(host) ?? orders.bodies.map((body) => makeTemplate(host, body));
    byHost.set(host, known);
    return known;
  };
  const forHost = (host: string) => {
    const templates = templatesFor(host);
    const longest = Math.max(...templates.map(({ bytes }) => bytes.length));
    const write = (into: Buffer): Buffer => {
      const { number, id, signature } = orders.nextSigned();
      const template = templates[number % templates.length];
      if (template === undefined) throw new RangeError('there are no orders');
      template.bytes.copy(into);
      into.write(id, template.id, 'latin1');
      into.write(signature, template.signature, 'latin1');
      const delivery = number.toString(16).padStart(NUMBER_DIGITS, '0');
      for (const at of template.deliveries) into.write(delivery, at, 'latin1');
      return into.subarray(0, template.bytes.length);
    };
    return { longest, write };
  };
  return { forHost, prepare: orders.prepare };
}
