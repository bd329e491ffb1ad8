// How a person is recognised in the bodies of hooks: every way of writing, whole values only, and nobody else.
import { describe, expect, test } from 'vitest';
import { isOf, mentions, type Person } from '../../src/keep/person.ts';

const nobody: Person = { emails: [], phones: [], customers: [], orders: [] };
const PHONE = { e164: '+31612345678', national: '612345678' };
type Case = { who: Partial<Person>; found: string[]; notFound: string[] };

const CASES: Record<string, Case> = {
  'an e-mail in any case and any escaping, whole': {
    who: { emails: ['Ann.O+x@Shop.example'] },
    found: [
      '{"email":"ann.o+x@shop.example"}',
      '{"note":"write to ANN.O+X@SHOP.EXAMPLE."}',
      '{"email":"ann.o+x\\u0040shop.example"}',
      'email=ann.o%2Bx%40shop.example&name=Ann',
      '<Email>ann.o+x@shop.example</Email>',
      '{"note":"write to\\nann.o+x@shop.example"}',
      '{"from":"Ann \\u003cann.o+x@shop.example\\u003e"}',
      'data=%7B%22email%22%3A%22ann.o%2Bx%40shop.example%22%7D',
      'note=write+to+ann.o%2Bx%40shop.example',
      '{"url":"/?back=%2Fme%3Fmail%3Dann.o%252Bx%2540shop.example"}',
      '<Note>&lt;ann.o&#43;x&#x40;shop.example&gt;</Note>',
    ],
    notFound: [
      '{"email":"joann.o+x@shop.example"}',
      '{"email":"ann.o+x@shop.example.org"}',
      '{"email":"ann.o+x@shop.examples"}',
      '{"email":"annxo+x@shop.example"}',
      '{"email":"an.o+x@shop.example"}',
      '{"email":"jo+ann.o+x@shop.example"}',
      '{"email":"jo\\u002bann.o+x@shop.example"}',
      'email=jo%2Bann.o%2Bx%40shop.example',
      'email=jo%2Dann.o%2Bx%40shop.example',
      'url=%2F%3Fmail%3Djo%252Eann.o%252Bx%2540shop.example',
    ],
  },
  'an e-mail with letters outside ASCII as they are or escaped': {
    who: { emails: ['zoë@shop.example'] },
    found: ['{"email":"zoë@shop.example"}', '{"email":"zo\\u00eb@shop.example"}', 'email=zo%C3%AB%40shop.example'],
    notFound: ['{"email":"zoe@shop.example"}'],
  },
  'a phone number however its digits are grouped': {
    who: { phones: [PHONE] },
    found: [
      '{"phone":"+31612345678"}',
      '{"phone":"06 12 34 56 78"}',
      '{"phone":"06-12345678"}',
      '{"phone":"+31 (0)6 12345678"}',
      '{"phone":"0031 6-12345678"}',
      '{"phone":"612345678"}',
      'phone=%2B31612345678',
      'phone=06+12+34+56+78',
      '{"phone":"\\u00a00612345678"}',
      '{"phone":"06\\u00a012\\u00a034\\u00a056\\u00a078"}',
      '{"phone":"\\u202a06\u201112345678\\u202c"}',
      '{"note":"call\\n(06)\\t12345678"}',
      '{"phone":"06 – 12345678"}',
      'phone=%C2%A006%C2%A012345678',
      'url=%2F%3Fphone%3D06%252012345678',
    ],
    notFound: [
      '{"phone":"10612345678"}',
      '{"phone":"06123456789"}',
      '{"id":1612345678}',
      '{"phone":"+49612345678"}',
      '{"phone":"0612 34 56 7"}',
      '{"phone":"\\u00a04912\\u00a00612345678"}',
      'phone=%2B49%C2%A0612345678',
    ],
  },
  'a long id as a whole value anywhere': {
    who: { orders: ['6200354002001'] },
    found: ['{"id":6200354002001}', '{"gid":"gid:\\/\\/shop\\/Order\\/6200354002001"}', '[1,6200354002001]'],
    notFound: ['{"id":16200354002001}', '{"x":6200354002001.5}', '{"id":62003540020012}'],
  },
  'a short order id only where a field names an order': {
    who: { orders: ['727'] },
    found: [
      '{"id":727,"total":"1"}',
      '{ "x":1, "order_id": "727" }',
      '{"x":0,"number":"727"}',
      '{"orders_to_redact":[1, 727]}',
      '{"scope":"x","data":{"type":"order","id":727}}',
      '{"data":{ "type": "order", "id": "727" }}',
      'order_id=727&x=1',
      'order%5Bid%5D=727',
      '<OrderId>727</OrderId>',
    ],
    notFound: [
      '{"line_items":{"id":727}}',
      '{"order_id":7270}',
      '{"data":{"type":"order","id":7270}}',
      '{"data":{"type":"product","id":727}}',
      '{"product_id":727}',
      '{"quantity":727}',
      '{"order_total":"727.50"}',
      '{"customer_id":727}',
    ],
  },
  'a short customer id only where a field names a customer': {
    who: { customers: ['5'] },
    found: ['{"customer_id":5,"x":1}', '{"customer":{"id":5}}', 'user_id=5', 'customer[id]=5'],
    notFound: ['{"id":5,"x":1}', '{"quantity":5}', '{"customer_id":55}', '{"order_id":5}'],
  },
};

describe('a body mentions', () => {
  for (const [name, { who, found, notFound }] of Object.entries(CASES)) {
    test(name, () => {
      const search = mentions({ ...nobody, ...who });
      expect(found.filter((text) => !search(text))).toEqual([]);
      expect(notFound.filter(search)).toEqual([]);
    });
  }
});

describe('an event is of a person', () => {
  const of = (who: Partial<Person>, event: object, order_id?: string) =>
    isOf({ ...nobody, ...who })({ json: JSON.stringify(event), order_id });
  test('by e-mail, phone, customer or order', () => {
    const event = { user_data: { email_address: 'ann@shop.example', phone_number: '+31612345678' }, external_id: '5' };
    expect(of({ emails: ['ANN@shop.example'] }, event)).toBe(true);
    expect(of({ phones: [PHONE] }, event)).toBe(true);
    expect(of({ customers: ['5'] }, event)).toBe(true);
    expect(of({ orders: ['727'] }, event, '727')).toBe(true);
  });
  test('and not by what only looks alike', () => {
    const event = { external_id: '55', lead_id: '5', transaction_id: '727', custom: { note: 'joann@shop.example' } };
    expect(of({ emails: ['ann@shop.example'], phones: [PHONE], customers: ['5'], orders: ['727'] }, event, '7')).toBe(
      false,
    );
  });
  test('by an e-mail in any of its fields', () => {
    expect(
      of({ emails: ['ann@shop.example'] }, { page_location: 'https://shop.example/?mail=ann%40shop.example' }),
    ).toBe(true);
  });
});
