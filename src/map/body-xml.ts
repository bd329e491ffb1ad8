// XML bodies as tables: names without namespace prefixes, attributes as `@name`, repeated elements as lists.
import type { Table } from '../lib/table.ts';
import { readXml } from '../lib/xml.ts';

type Element = { name: string; attributes: [name: string, value: string][]; children: Table; text: string };

const local = (name: string) => name.slice(name.indexOf(':') + 1);
const isPrefixed = (name: string) => name.includes(':');

/**
 * Parses an XML document to `{ <root>: … }`. An element with nothing but text is that text, any other a table, in which
 * text beside attributes or children is `#text`. An element that comes several times is a list; one that comes once is
 * no list, which JSONata reads the same way. Prefixed attributes (`xsi:type`, `xsi:nil`) are left out of elements that
 * hold only text; the value of `xsi:type` loses its prefix, because senders choose prefixes freely.
 */
export function parseXml(text: string): { value: Table } | { problem: string } {
  const document: Element = { name: '', attributes: [], children: {}, text: '' };
  const open: Element[] = [document];
  const problem = readXml(text, {
    open: (name, given) => {
      const attributes = Object.entries(given).flatMap(([key, value]): Element['attributes'] =>
        typeof value !== 'string' || key === 'xmlns' || key.startsWith('xmlns:') ? [] : [[key, value]],
      );
      open.push({ name: local(name), attributes, children: {}, text: '' });
    },
    text: (part) => {
      const element = open.at(-1);
      if (element !== undefined) element.text += part;
    },
    close: () => {
      const element = open.pop();
      const parent = open.at(-1);
      if (element !== undefined && parent !== undefined) put(parent.children, element.name, contentOf(element));
    },
  });
  return problem === undefined ? { value: document.children } : { problem: `the XML of the body ${problem}` };
}

function contentOf({ attributes, children, text }: Element): unknown {
  const own = text.trim();
  const isLeaf = Object.keys(children).length === 0;
  const kept = attributes.filter(([name]) => !isLeaf || !isPrefixed(name));
  if (isLeaf && kept.length === 0) return own;
  const shown = kept.map(([name, value]) => [
    `@${local(name)}`,
    isPrefixed(name) && local(name) === 'type' ? local(value) : value,
  ]);
  return { ...Object.fromEntries(shown), ...children, ...(own !== '' && { '#text': own }) };
}

function put(table: Table, name: string, value: unknown): void {
  if (name === '__proto__') return;
  const there = Object.hasOwn(table, name) ? table[name] : undefined;
  if (there === undefined) table[name] = value;
  else if (Array.isArray(there)) there.push(value);
  else table[name] = [there, value];
}
