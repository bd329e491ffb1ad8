// A stand-in for Google's collection servers: they take everything, and say what is wrong only on the debug path.
import { tableOf } from '../../lib/table.ts';
import { type Behaviour, json, listOf, type StandinAnswer, type StandinRequest } from './standin.ts';

type Message = { fieldPath?: string; description: string; validationCode: string };

const HOURS_72_IN_MICROS = 72 * 3_600_000_000;
const RESERVED =
  /^(?:ad_|app_|dynamic_link_|firebase_|notification_|error$|first_open$|first_visit$|os_update$|session_start$|user_engagement$)/;

function nameMessages(name: string, index: number): Message[] {
  const about = `Event at index: [${index}] has invalid name [${name}].`;
  const invalid = (why: string): Message => ({
    fieldPath: 'events',
    description: `${about} ${why}`,
    validationCode: 'NAME_INVALID',
  });
  if (!/^[A-Za-z]/.test(name)) return [invalid('Names must start with an alphabetic character.')];
  if (!/^\w+$/.test(name)) return [invalid('Only alphanumeric characters and underscores are allowed.')];
  if (name.length > 40) return [invalid('Names must be 40 characters or fewer.')];
  if (RESERVED.test(name)) {
    const description = `Event at index: [${index}] has name [${name}] which is reserved.`;
    return [{ fieldPath: 'events', description, validationCode: 'NAME_RESERVED' }];
  }
  return [];
}

function priceMessages(params: unknown): Message[] {
  return listOf(tableOf(params).items).flatMap((item) => {
    const { price } = tableOf(item);
    if (typeof price !== 'string') return [];
    const description = `Validation of item.price should prevent conversion from unsupported value [string_value: ${JSON.stringify(price)}]`;
    return [{ description, validationCode: 'INTERNAL_ERROR' }];
  });
}

function validate({ body, now }: StandinRequest): Message[] {
  const { client_id, events, timestamp_micros, validation_behavior } = tableOf(body);
  const required = (fieldPath: string): Message => ({
    fieldPath,
    description: `Missing required field: ${fieldPath}`,
    validationCode: 'VALUE_REQUIRED',
  });
  const tooMany = { fieldPath: 'events', description: 'More than 25 events', validationCode: 'EXCEEDED_MAX_ENTITIES' };
  const tooOld = { fieldPath: 'timestamp_micros', description: 'Older than 72 hours', validationCode: 'VALUE_INVALID' };
  const isOld = typeof timestamp_micros === 'number' && timestamp_micros < now * 1000 - HOURS_72_IN_MICROS;
  return [
    ...(typeof client_id === 'string' && client_id !== '' ? [] : [required('client_id')]),
    ...(Array.isArray(events) ? [] : [required('events')]),
    ...(listOf(events).length > 25 ? [tooMany] : []),
    ...listOf(events).flatMap((event, index) => {
      const { name, params } = tableOf(event);
      return [...nameMessages(String(name ?? ''), index), ...priceMessages(params)];
    }),
    ...(isOld && validation_behavior === 'ENFORCE_RECOMMENDATIONS' ? [tooOld] : []),
  ];
}

/** Names of the events, as every Measurement Protocol request carries them. */
export function measuredEvents(body: unknown): string[] {
  return listOf(tableOf(body).events).map((event) => {
    const { name, params } = tableOf(event);
    return `${name}:${tableOf(params).transaction_id ?? ''}`;
  });
}

export const ga4: Behaviour = (request): StandinAnswer => {
  if (request.path === '/debug/mp/collect') return json(200, { validationMessages: validate(request) });
  if (request.path !== '/mp/collect') return { status: 404, taken: [] };
  return { status: 204, taken: measuredEvents(request.body) };
};
