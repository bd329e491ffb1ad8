// JSON that is kept sealed. What comes out is what this program put in, so it is trusted and not parsed again.
import type { Event } from '../event.ts';
import type { Vault } from '../lib/vault.ts';
import type { Hook } from '../types.ts';

export const sealJson = (vault: Vault, value: Event | Hook['headers']): Uint8Array =>
  vault.seal(Buffer.from(JSON.stringify(value)));

export const openEvent = (vault: Vault, sealed: Uint8Array): Event => JSON.parse(openText(vault, sealed));

export const openHeaders = (vault: Vault, sealed: Uint8Array): Hook['headers'] => JSON.parse(openText(vault, sealed));

const openText = (vault: Vault, sealed: Uint8Array): string => new TextDecoder().decode(vault.open(sealed));
