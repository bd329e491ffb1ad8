// Runs the examples of mapping files for `tagbridge check`: reads their bodies, which stay inside the mappings folder.
import { readFile, realpath } from 'node:fs/promises';
import { dirname, extname, join, sep } from 'node:path';
import { type Body, runExample, type WrittenExample } from '../map/example.ts';
import { type Path, type Problem, whereIn } from '../map/files/files.ts';

const TYPES: Readonly<Record<string, string>> = {
  '.json': 'application/json',
  '.xml': 'text/xml; charset=utf-8',
  '.txt': 'application/x-www-form-urlencoded',
};

/** `body` is relative to the file that names it. Links are followed before it is judged where it leads. */
async function readBody({ example: { body }, file }: WrittenExample, folder: string): Promise<Body | string> {
  try {
    const [root, path] = await Promise.all([realpath(folder), realpath(join(folder, dirname(file.file), body))]);
    if (!path.startsWith(`${root}${sep}`)) return `${body} leads out of the mappings folder`;
    return { bytes: await readFile(path), contentType: TYPES[extname(path)] ?? 'application/json' };
  } catch {
    return `cannot read ${body}, looked for beside ${file.file}`;
  }
}

/** Every example that does not come out as expected, at the place of the expectation. */
export async function runExamples(
  examples: readonly WrittenExample[],
  folder: string,
  now: number,
): Promise<Problem[]> {
  const problems = examples.map(async (written): Promise<Problem[]> => {
    const { example, file, path, source } = written;
    const problem = (inside: Path, message: string): Problem => ({
      ...whereIn(file)([...path, ...inside]),
      code: 'EXAMPLE',
      message: `${example.about}: ${message}`,
    });
    const body = await readBody(written, folder);
    if (typeof body === 'string') return [problem(['body'], body)];
    const differences = await runExample(example, source, body, now);
    return differences.map(({ path: inside, message }) => problem(inside, message));
  });
  return (await Promise.all(problems)).flat();
}
