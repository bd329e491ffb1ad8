// Node's options in `npm start`, which whatever else starts the service in a process of its own uses too.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';

const ROOT = join(import.meta.dirname, '../..');
const Package = z.object({ scripts: z.object({ start: z.string() }) });

export function startOptions(): string[] {
  const { scripts } = Package.parse(JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')));
  return scripts.start.split(' ').filter((word) => word.startsWith('--'));
}
