// What e-mail addresses and phone numbers are found by again: marks of the vault, so that an index is no list of people.
import type { Vault } from '../lib/vault.ts';

const emailText = (email: string): string => `email ${email.trim().toLowerCase()}`;
const codeText = (code: string): string => `code ${code.toUpperCase()}`;
const phoneText = (e164: string): string => `phone ${e164}`;

/** The mark to keep; addresses are told apart without regard to case. */
export const emailMark = (vault: Vault, email: string): Uint8Array => vault.mark(emailText(email));
/** The mark to keep of a number as `+` and digits. */
export const phoneMark = (vault: Vault, e164: string): Uint8Array => vault.mark(phoneText(e164));

/** The mark to keep of a reference code. */
export const codeMark = (vault: Vault, code: string): Uint8Array => vault.mark(codeText(code));

/** The marks to look for, also those under keys that were replaced since. */
export const emailMarks = (vault: Vault, email: string): Uint8Array[] => vault.marks(emailText(email));
export const phoneMarks = (vault: Vault, e164: string): Uint8Array[] => vault.marks(phoneText(e164));
export const codeMarks = (vault: Vault, code: string): Uint8Array[] => vault.marks(codeText(code));
