// The text of a file as spreadsheets save it: UTF-8, UTF-16 with its mark, or the code page of Western Europe.

export type FileText = { text: string; encoding: 'UTF-8' | 'UTF-16' | 'Windows-1252' } | { problem: string };

/** Files are read as a whole; 10 MB hold more than 100,000 orders. */
export const MOST_BYTES = 10_000_000;

const isWith = (bytes: Uint8Array, ...start: number[]): boolean => start.every((byte, at) => bytes[at] === byte);
/** Bytes that mean nothing in Windows-1252. */
const UNUSED = new Set([0x81, 0x8d, 0x8f, 0x90, 0x9d]);

function decode(bytes: Uint8Array, encoding: string): string | undefined {
  try {
    return new TextDecoder(encoding, { fatal: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

/** What is written in a file, or what is to be done so that it can be read. The byte order mark goes. */
export function readText(bytes: Uint8Array): FileText {
  const read = decodeText(bytes);
  return 'text' in read && read.text.trim() === '' ? { problem: 'the file is empty' } : read;
}

function decodeText(bytes: Uint8Array): FileText {
  if (bytes.length > MOST_BYTES)
    return { problem: `the file is larger than ${MOST_BYTES / 1e6} MB; import it in several parts` };
  if (isWith(bytes, 0x50, 0x4b, 3, 4) || isWith(bytes, 0xd0, 0xcf, 0x11, 0xe0))
    return { problem: 'this is a workbook, not a CSV file; in the spreadsheet choose “Save as”, “CSV UTF-8”' };
  const wide = isWith(bytes, 0xff, 0xfe) ? 'utf-16le' : isWith(bytes, 0xfe, 0xff) ? 'utf-16be' : undefined;
  if (wide !== undefined) {
    const text = decode(bytes, wide);
    return text === undefined
      ? { problem: 'the file is no whole UTF-16; save it again' }
      : { text, encoding: 'UTF-16' };
  }
  if (bytes.includes(0)) return { problem: 'the file is no text; save it as CSV UTF-8' };
  const text = decode(bytes, 'utf-8');
  if (text !== undefined) return { text, encoding: 'UTF-8' };
  return bytes.some((byte) => UNUSED.has(byte))
    ? { problem: 'the file is neither UTF-8 nor Windows-1252; save it as CSV UTF-8' }
    : { text: new TextDecoder('windows-1252').decode(bytes), encoding: 'Windows-1252' };
}
