// Certificates and RSA keys made on the spot, so that tests need no files that expire.
import { createSign, generateKeyPairSync, type KeyObject } from 'node:crypto';

export type Issued = { cert: string; privateKey: KeyObject; publicKey: KeyObject; name: string };

const der = (tag: number, ...parts: Uint8Array[]): Buffer => {
  const body = Buffer.concat(parts);
  const length =
    body.length < 128
      ? [body.length]
      : body.length < 256
        ? [0x81, body.length]
        : [0x82, body.length >> 8, body.length & 255];
  return Buffer.concat([Buffer.from([tag, ...length]), body]);
};
const sequence = (...parts: Uint8Array[]) => der(0x30, ...parts);
const hex = (text: string) => Buffer.from(text, 'hex');
const nameOf = (text: string) => sequence(der(0x31, sequence(hex('0603550403'), der(0x0c, Buffer.from(text)))));
const time = (at: number) =>
  der(
    0x17,
    Buffer.from(
      new Date(at)
        .toISOString()
        .replace(/[-:T]|\.\d+/g, '')
        .slice(2),
    ),
  );
const pem = (label: string, body: Buffer) =>
  `-----BEGIN ${label}-----\n${(body.toString('base64').match(/.{1,64}/g) ?? []).join('\n')}\n-----END ${label}-----\n`;

const RSA_SHA256 = sequence(hex('06092a864886f70d01010b'), hex('0500'));
const BASIC_CONSTRAINTS = hex('0603551d13');
const ALTERNATIVE_NAME = hex('0603551d11');

/** A fresh RSA key pair; the public key also as PEM. */
export function rsaKeys(bits = 2048): { privateKey: KeyObject; publicKey: KeyObject; pem: string } {
  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: bits });
  return { privateKey, publicKey, pem: publicKey.export({ type: 'spki', format: 'pem' }).toString() };
}

/** A certificate for `name`, also as DNS name unless it is a CA; issued by itself unless `issuer` is given. Times in ms. */
export function issue({
  name,
  from,
  until,
  ca = false,
  issuer,
  bits = 2048,
}: {
  name: string;
  from: number;
  until: number;
  ca?: boolean;
  issuer?: Issued;
  bits?: number;
}): Issued {
  const { privateKey, publicKey } = rsaKeys(bits);
  const extension = ca
    ? sequence(BASIC_CONSTRAINTS, hex('0101ff'), der(0x04, sequence(hex('0101ff'))))
    : sequence(ALTERNATIVE_NAME, der(0x04, sequence(der(0x82, Buffer.from(name)))));
  const body = sequence(
    der(0xa0, hex('020102')),
    der(0x02, Buffer.from([1])),
    RSA_SHA256,
    nameOf(issuer?.name ?? name),
    sequence(time(from), time(until)),
    nameOf(name),
    publicKey.export({ type: 'spki', format: 'der' }),
    der(0xa3, sequence(extension)),
  );
  const signature = createSign('sha256')
    .update(body)
    .sign(issuer?.privateKey ?? privateKey);
  const cert = pem('CERTIFICATE', sequence(body, RSA_SHA256, der(0x03, Buffer.from([0]), signature)));
  return { cert, privateKey, publicKey, name };
}

/** Key and certificate of a server, PEM, valid from a day before `until` or now, whichever is earlier. */
export function selfSigned(host: string, until: Date): { key: string; cert: string } {
  const from = Math.min(Date.now(), until.getTime()) - 86_400_000;
  const { privateKey, cert } = issue({ name: host, from, until: until.getTime() });
  return { key: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(), cert };
}
