// The keys that a schema knows, so that one in the wrong table is told from one that nobody knows.
import { z } from 'zod';

function tableIn(schema: z.core.$ZodType): z.ZodObject | undefined {
  if (schema instanceof z.ZodObject) return schema;
  return schema instanceof z.ZodOptional || schema instanceof z.ZodDefault ? tableIn(schema.unwrap()) : undefined;
}

/** Those of the schema, and of the tables in it where `inner` says so. */
export function keysOf(schema: z.core.$ZodType, inner = false): string[] {
  const keys = Object.entries(tableIn(schema)?.shape ?? {});
  return keys.flatMap(([key, value]) => (inner ? [key, ...keysOf(value)] : [key]));
}
