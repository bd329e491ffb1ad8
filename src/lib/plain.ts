// Text that a terminal or a log viewer only shows: what senders wrote must not move a cursor or begin a line.

const UNSEEN = /[\p{Cc}\u2028\u2029]/gu;

/** Control characters but line ends and tabs as they stand in JSON, such as `\u001b`. */
export const plainText = (text: string): string =>
  text.replace(UNSEEN, (character) =>
    character === '\n' || character === '\t'
      ? character
      : `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );

/** No text that is kept has it, and not every database can be asked for one that does. */
export const hasNul = (texts: readonly (string | string[])[]): boolean =>
  texts.flat().some((text) => text.includes('\0'));

const CONTROLS = String.raw`\x00-\x1f\x7f-\x9f`;
/** A line without control characters (Cc), in words that programs without Unicode classes read too, such as clients made of the API's description. */
export const PLAIN_LINE = new RegExp(`^[^${CONTROLS}]*$`);
