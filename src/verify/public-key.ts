// Public keys and certificates as PEM, and RSA signatures under them.
import { createPublicKey, type KeyObject, verify, X509Certificate } from 'node:crypto';

const BLOCK = /-----BEGIN ([A-Z ]{1,40})-----([A-Za-z0-9+/=\s]*)-----END \1-----/g;
const LEAST_BITS = 2048;

/** Environment files and dashboards often turn the line ends of a PEM into `\n`, or into spaces. */
export const isPem = (text: string): boolean => text.includes('-----BEGIN ');
const pemBlocks = (text: string): { label: string; der: Buffer }[] =>
  [...text.replaceAll('\\n', '\n').matchAll(BLOCK)].map(([, label = '', body = '']) => ({
    label,
    der: Buffer.from(body, 'base64'),
  }));

/** An RSA key fit to be trusted; undefined for anything else. */
function rsaKey(make: () => KeyObject): KeyObject | undefined {
  try {
    const key = make();
    const bits = key.asymmetricKeyDetails?.modulusLength ?? 0;
    return key.asymmetricKeyType === 'rsa' && bits >= LEAST_BITS ? key : undefined;
  } catch {
    return undefined;
  }
}

/** Certificates of a PEM text, in order; undefined where one of them cannot be read. */
export function certificatesIn(pem: string): X509Certificate[] | undefined {
  try {
    return pemBlocks(pem).flatMap(({ label, der }) => (label === 'CERTIFICATE' ? [new X509Certificate(der)] : []));
  } catch {
    return undefined;
  }
}

/** The RSA public keys in a PEM text, those of certificates included. */
export const publicKeysIn = (pem: string): KeyObject[] =>
  pemBlocks(pem).flatMap(({ label, der }) => {
    if (label === 'PUBLIC KEY') return rsaKey(() => createPublicKey({ key: der, format: 'der', type: 'spki' })) ?? [];
    if (label === 'RSA PUBLIC KEY')
      return rsaKey(() => createPublicKey({ key: der, format: 'der', type: 'pkcs1' })) ?? [];
    return label === 'CERTIFICATE' ? (rsaKey(() => new X509Certificate(der).publicKey) ?? []) : [];
  });

/** RSASSA-PKCS1-v1_5 with SHA-256: is one of the signatures made by one of the keys? */
export const isSignedBy = (keys: readonly KeyObject[], signatures: readonly Buffer[], signed: Uint8Array): boolean =>
  keys.some((key) => signatures.some((signature) => verify('sha256', signed, key, signature)));
