// Who a command is about, as typed: --email, --phone, --order and --customer, each as often as needed.
import type { Config } from '../config.ts';
import type { Person } from '../keep/person.ts';
import { OperatorError } from '../lib/errors.ts';
import { type Phone, readPhone } from '../map/phone.ts';
import { readStores } from './store.ts';

/** For `parseArgs`. */
export const PERSON_OPTIONS = {
  email: { type: 'string', multiple: true, default: [] as string[] },
  phone: { type: 'string', multiple: true, default: [] as string[] },
  order: { type: 'string', multiple: true, default: [] as string[] },
  customer: { type: 'string', multiple: true, default: [] as string[] },
  store: { type: 'string' },
} as const;
export const PERSON_USAGE = '[--email E]… [--phone P]… [--order ID]… [--customer ID]… [--store S]';
type Typed = Record<'email' | 'phone' | 'order' | 'customer', string[]> & { store?: string | undefined };

/** The number as each of the stores would read it; numbers without a country code may differ. */
async function readPhones(texts: readonly string[], store: string | undefined, config: Config): Promise<Phone[]> {
  if (texts.length === 0) return [];
  const { stores } = await readStores(config);
  const asked = [...stores.values()].filter(({ name }) => store === undefined || name === store);
  const countries = [...new Set(asked.map(({ settings }) => settings.country))];
  return texts.flatMap((text) => {
    const numbers = [undefined, ...countries].flatMap((country) => readPhone(text, [country]) ?? []);
    if (numbers.length > 0) return [...new Map(numbers.map((number) => [number.e164, number])).values()];
    throw new OperatorError(
      'ARGUMENT',
      `--phone ${text} is no phone number`,
      'write it with its country: +31612345678',
    );
  });
}

/** Throws an `OperatorError` when nobody is named, or not in a usable way. */
export async function readPerson(typed: Typed, config: Config): Promise<Person> {
  const { email: emails, phone, order: orders, customer: customers, store } = typed;
  const wrong = emails.find((email) => !/^\S+@\S+$/.test(email));
  if (wrong !== undefined)
    throw new OperatorError('ARGUMENT', `--email ${wrong} is no e-mail`, 'write one whole address');
  if ([...orders, ...customers].some((id) => id.trim() === ''))
    throw new OperatorError('ARGUMENT', 'an id is empty', 'write it after --order or --customer');
  const phones = await readPhones(phone, store, config);
  if ([emails, phones, orders, customers].every((given) => given.length === 0))
    throw new OperatorError('ARGUMENT', 'nobody is named', `name them: ${PERSON_USAGE}`);
  return { emails, phones, orders, customers };
}
