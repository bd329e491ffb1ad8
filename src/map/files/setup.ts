// How people connect a sender: the steps under `setup:` in platform files, and the address of a source put into them.
import { z } from 'zod';
import { shown } from './files.ts';

const File = z
  .string()
  .regex(/^[A-Za-z0-9_-]+(?:[./][A-Za-z0-9_-]+)*$/, 'write the name of a file in templates/, such as form-fields.html');

export const Guide = z
  .strictObject({
    title: z.string().min(1).describe('What the steps are for'),
    needs: z.string().min(1).optional().describe('What one must have, or be allowed to do'),
    steps: z
      .array(z.string().min(1))
      .min(1)
      .describe('Markdown: **menus**, `what to type`, [links](https://…). {url} is the address of the source'),
    files: z.array(File).min(1).optional().describe('Files in templates/ that the steps speak of'),
  })
  .describe('Steps for the people who connect a sender; shown on the page of each source');
export type Guide = z.infer<typeof Guide>;

/** The guides as people read them, with what `{name}` stands for written out. */
export function fillGuides(guides: readonly Guide[], names: Readonly<Record<string, string>>): Guide[] {
  const fill = (text: string) => shown(text).replace(/\{(\w+)\}/g, (whole, name) => names[name] ?? whole);
  return guides.map((guide) => ({
    ...guide,
    ...(guide.needs !== undefined && { needs: fill(guide.needs) }),
    steps: guide.steps.map(fill),
  }));
}
