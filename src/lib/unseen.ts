// Characters that nobody sees, which come along when a text is copied from a page, a chat or an emoji keyboard.

/** Soft hyphens, spaces of no width, marks of the writing direction; after a symbol also what joins or paints it. */
const UNSEEN = /[\u00ad\u200b\u200e\u200f\u202a-\u202e\u2060\u2066-\u2069\ufeff]|(?<=\p{S})[\u200d\ufe0e\ufe0f]+/gu;

/** Most texts have nothing of the kind, which is much faster to see. */
const FOREIGN = /[^ -~]/;

/** The text without them. Joiners between letters stay: in some scripts they are part of the spelling. */
export const withoutUnseen = (text: string): string => (FOREIGN.test(text) ? text.replace(UNSEEN, '') : text);
