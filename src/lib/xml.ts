// Reads XML as a stream of tags and texts, hardened: no DOCTYPE, no entities but XML's own five, bounded depth and references.
import sax from 'sax';

/** Offsets are in UTF-16 units of the text: `open` gets the first one after the start tag, `close` that of the end tag. */
export type XmlReader = {
  open?: (name: string, attributes: Readonly<Record<string, unknown>>, after: number) => void;
  text?: (text: string) => void;
  close?: (name: string, at: number) => void;
};

const DEEPEST = 64;
const MOST_REFERENCES = 20_000;
const OPTIONS = { position: true, strictEntities: true };

class Refused extends Error {}

/** Where the declarations, comments and white space before the first tag end. */
function endOfProlog(text: string): number {
  let at = 0;
  for (;;) {
    while (/\s/.test(text.charAt(at))) at += 1;
    const close = text.startsWith('<?', at) ? '?>' : text.startsWith('<!--', at) ? '-->' : undefined;
    const end = close === undefined ? -1 : text.indexOf(close, at + 2);
    if (close === undefined || end === -1) return at;
    at = end + close.length;
  }
}

/** Does a document type declaration stand before the first tag, where alone it could define anything? */
export function hasDoctype(text: string): boolean {
  const at = endOfProlog(text);
  return text.slice(at, at + 9).toUpperCase() === '<!DOCTYPE';
}

function countReferences(text: string): number {
  let count = 0;
  for (let at = text.indexOf('&#'); at !== -1 && count <= MOST_REFERENCES; at = text.indexOf('&#', at + 2)) count += 1;
  return count;
}

/** Reads the whole text. What is wrong with it is answered in words that quote nothing of it. */
export function readXml(text: string, reader: XmlReader): string | undefined {
  if (hasDoctype(text)) return 'has a DOCTYPE, which is never read';
  if (countReferences(text) > MOST_REFERENCES) return `has more than ${MOST_REFERENCES} character references`;
  const parser = sax.parser(true, OPTIONS);
  const refuse = (problem: string) => {
    throw new Refused(problem);
  };
  let depth = 0;
  let roots = 0;
  parser.onerror = () => refuse(`is not well-formed at line ${parser.line + 1}, column ${parser.column + 1}`);
  parser.ondoctype = () => refuse('has a DOCTYPE, which is never read');
  parser.onopentag = ({ name, attributes }) => {
    if (depth === 0) roots += 1;
    depth += 1;
    if (depth > DEEPEST) refuse(`is nested more than ${DEEPEST} levels deep`);
    if (roots > 1) refuse('has more than one root element');
    reader.open?.(name, attributes, parser.position);
  };
  parser.ontext = (part) => reader.text?.(part);
  parser.oncdata = (part) => reader.text?.(part);
  parser.onclosetag = (name) => {
    depth -= 1;
    reader.close?.(name, parser.tag.isSelfClosing ? parser.position : parser.startTagPosition - 1);
  };
  try {
    parser.write(text).close();
  } catch (error) {
    if (error instanceof Refused) return error.message;
    throw error;
  }
  return roots === 0 ? 'has no element' : undefined;
}
