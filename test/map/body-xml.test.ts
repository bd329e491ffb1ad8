// XML bodies: what a mapping sees of them, and what is refused (S52 to S56 of the hostile set).
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseBody } from '../../src/map/body.ts';

const parse = (text: string, type = 'text/xml; charset=utf-8') => parseBody(Buffer.from(text), type);
const read = (text: string): unknown => {
  const parsed = parse(text);
  return 'value' in parsed ? parsed.value : parsed.problem;
};
const problemOf = (text: string): string => {
  const parsed = parse(text);
  return 'problem' in parsed ? parsed.problem : '';
};

describe('an XML body', () => {
  test('is a table of element names without prefixes', () => {
    const soap =
      '<e:Envelope xmlns:e="urn:e"><e:Body><order xmlns="urn:o"><Id>7</Id><o:Total xmlns:o="urn:o">12.50</o:Total></order></e:Body></e:Envelope>';
    expect(read(soap)).toEqual({ Envelope: { Body: { order: { Id: '7', Total: '12.50' } } } });
  });
  test('with an element once or several times gives the element or a list', () => {
    expect(read('<a><b>1</b></a>')).toEqual({ a: { b: '1' } });
    expect(read('<a><b>1</b><c>x</c><b>2</b><b>3</b></a>')).toEqual({ a: { b: ['1', '2', '3'], c: 'x' } });
  });
  test('has attributes as @name, and the local name of a type', () => {
    expect(read('<a id="7"><s:b xsi:type="x:Lead" xmlns:x="urn:x"><s:c>1</s:c></s:b></a>')).toEqual({
      a: { '@id': '7', b: { '@type': 'Lead', c: '1' } },
    });
  });
  test('keeps a text a text beside attributes with a prefix, and makes it #text beside others', () => {
    expect(read('<a><b xsi:type="xsd:string">x</b><c currency="EUR">9.99</c></a>')).toEqual({
      a: { b: 'x', c: { '@currency': 'EUR', '#text': '9.99' } },
    });
  });
  test('has nothing where an element is empty or nil', () => {
    expect(read('<a><b/><c></c><d xsi:nil="true"/><e> </e><f>x</f></a>')).toEqual({ a: { f: 'x' } });
  });
  test('gives entities, character references and CDATA as their characters', () => {
    expect(read('<a><b>M&amp;M &lt;3 &#233;&#xEB;</b><c><![CDATA[<raw> & so]]></c></a>')).toEqual({
      a: { b: 'M&M <3 éë', c: '<raw> & so' },
    });
  });
  test('is known by its first character under any content type', () => {
    expect(parse('\n <a><b>1</b></a>', 'application/json')).toEqual({ value: { a: { b: '1' } } });
    expect(
      parse('\uFEFF<?xml version="1.0" encoding="UTF-8"?><!-- hello --><a><b>1</b></a>', 'application/soap+xml'),
    ).toEqual({ value: { a: { b: '1' } } });
  });
  test('with names that could harm changes no prototype', () => {
    expect(
      read('<a><__proto__><admin>1</admin></__proto__><constructor>x</constructor><toString>y</toString></a>'),
    ).toEqual({ a: { constructor: 'x', toString: 'y' } });
    expect(Object.hasOwn(Object.prototype, 'admin')).toBe(false);
  });
});

describe('a hostile XML body', () => {
  const DOCTYPE = 'the XML of the body has a DOCTYPE, which is never read';
  test.each([
    ['plain', '<!DOCTYPE a><a>1</a>'],
    ['in lower case', '<!doctype a><a>1</a>'],
    ['after a declaration and comments', '<?xml version="1.0"?>\n<!-- > --> <?pi ?>\n<!DOCTYPE a []><a>1</a>'],
    ['S53 with an external entity in a file', '<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><a>&x;</a>'],
    [
      'S53 with an external entity on the network',
      '<!DOCTYPE a [<!ENTITY x SYSTEM "http://127.0.0.1:9/x">]><a>&x;</a>',
    ],
    [
      'S53 with an external parameter entity',
      '<!DOCTYPE a [<!ENTITY % x SYSTEM "http://127.0.0.1:9/x.dtd"> %x;]><a>1</a>',
    ],
    [
      'S54 with a billion laughs',
      `<!DOCTYPE a [<!ENTITY l0 "lol">${Array.from({ length: 9 }, (_, i) => `<!ENTITY l${i + 1} "${`&l${i};`.repeat(10)}">`).join('')}]><a>&l9;</a>`,
    ],
    [
      'S55 with one large entity used often',
      `<!DOCTYPE a [<!ENTITY x "${'x'.repeat(10_000)}">]><a>${'&x;'.repeat(10_000)}</a>`,
    ],
  ])('S52 with a DOCTYPE is refused: %s', (_, text) => {
    expect(problemOf(text)).toBe(DOCTYPE);
  });
  test('with a DOCTYPE inside its root is refused', () => {
    expect(problemOf('<a><!DOCTYPE b [<!ENTITY x "y">]>&x;</a>')).toContain('not well-formed');
  });
  test.each(['&x;', '&nbsp;', '&constructor;', '&#0;', '&#x110000;', '&#99999999999;'])(
    'with the unknown reference %s is refused',
    (reference) => {
      expect(problemOf(`<a>${reference}</a>`)).toContain('not well-formed');
    },
  );
  test('S56 with masses of character references is refused before they are read', () => {
    expect(problemOf(`<a>${'&#97;'.repeat(1_000_000)}</a>`)).toContain('more than 20000 character references');
    expect(read(`<a>${'&#97;'.repeat(20_000)}</a>`)).toEqual({ a: 'a'.repeat(20_000) });
  });
  test('nested more than 64 deep is refused', () => {
    const deep = (levels: number) => `${'<a>'.repeat(levels)}x${'</a>'.repeat(levels)}`;
    expect(problemOf(deep(65))).toContain('64 levels');
    expect(problemOf('<a>'.repeat(300_000))).toContain('64 levels');
    expect(problemOf(deep(60))).toBe('');
  });
  test.each(['<a><b></a>', '<a/><b/>', '<a', '<a b=1/>', '<a>x</a> y', '<>'])(
    'that is not well-formed is refused without a quote of it: %s',
    (text) => {
      expect(problemOf(text)).toMatch(
        /^the XML of the body (is not well-formed at line \d+, column \d+|has more than one root element|has no element)$/,
      );
    },
  );
  test('never throws and never gives anything but a table', () => {
    const soup = fc.array(
      fc.constantFrom(
        '<a>',
        '</a>',
        '<b c="d">',
        '</b>',
        '<e/>',
        'x',
        '&amp;',
        '&',
        '<!--',
        '-->',
        '<![CDATA[',
        ']]>',
        '<!DOCTYPE a>',
        '<?x ?>',
        ' ',
        '"',
        '>',
      ),
    );
    fc.assert(
      fc.property(soup, (parts) => {
        const parsed = parse(`<a>${parts.join('')}</a>`);
        expect('problem' in parsed || typeof parsed.value === 'object').toBe(true);
      }),
    );
  });
});
