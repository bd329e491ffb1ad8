// Multipart forms, as form builders and browsers send them, put into the shorter form of forms without files.
import { Busboy } from '@fastify/busboy';
import { mediaType } from '../lib/media-type.ts';

const FORM = 'application/x-www-form-urlencoded';
/** Far more than any form has; each costs more than its bytes. */
const MAX_PARTS = 2_000;
/** What is refused is read no further than this. */
const SLICE = 16_384;

type Sent = { headers: Record<string, string>; body: Uint8Array };

/**
 * A request with a multipart form, its fields as `application/x-www-form-urlencoded` and its files left out; undefined if
 * they cannot be read. Any other request as it is.
 */
export async function withPlainForm<R extends Sent>(request: R): Promise<R | undefined> {
  if (mediaType(request.headers) !== 'multipart/form-data') return request;
  const fields = await readFields(request);
  if (fields === undefined) return undefined;
  const body = Buffer.from(new URLSearchParams(fields).toString());
  return { ...request, headers: { ...request.headers, 'content-type': FORM }, body };
}

function readFields({ headers, body }: Sent): Promise<[string, string][] | undefined> {
  const { promise, resolve } = Promise.withResolvers<[string, string][] | undefined>();
  const fields: [string, string][] = [];
  let refused = false;
  const refuse = () => {
    refused = true;
    resolve(undefined);
  };
  try {
    const parser = new Busboy({
      headers: { ...headers, 'content-type': headers['content-type'] ?? '' },
      limits: { parts: MAX_PARTS, fieldSize: body.length },
    });
    parser
      .on('field', (name, value) => fields.push([name, value]))
      .on('file', (_, file) => file.on('error', refuse).resume())
      .on('partsLimit', refuse)
      .on('error', refuse)
      .on('finish', () => resolve(fields.length === 0 ? undefined : fields));
    for (let at = 0; at < body.length && !refused; at += SLICE) parser.write(body.subarray(at, at + SLICE));
    parser.end();
  } catch {
    // A content type without a boundary.
    refuse();
  }
  return promise;
}
