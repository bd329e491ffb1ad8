// The pages of mappings on a running service with one store file, as an admin and a viewer see them.
import { stringify } from 'yaml';
import { type Browser, becomeAdmin, becomeRole } from '../support/browser.ts';
import { lampOrder } from '../support/hooks.ts';
import { type Rig, startRig, storeFile, writeMapping } from '../support/service.ts';

export const CANARY = `"><script>alert(1)</script><img src=x onerror=alert(1)>'\`\${1}</pre></textarea>`;
export const FILE = 'stores/shop.yaml';

export type MappingsRig = {
  rig: Rig;
  admin: Browser;
  viewer: Browser;
  /** What stands in the store file. */
  text: string;
  write: (file: string, content: string) => Promise<void>;
  /** What a form of the playground carries. */
  play: (over?: Record<string, string>) => Record<string, string>;
};

export async function startMappings(): Promise<MappingsRig> {
  const rig = await startRig();
  const text = stringify(storeFile(rig.standins));
  const write = (file: string, content: string) => writeMapping(rig, file, content);
  await write(FILE, text);
  const admin = await becomeAdmin(rig);
  const viewer = await becomeRole(rig, admin, 'viewer');
  const play = (over: Record<string, string> = {}) => ({ store: 'shop', file: FILE, source: 'shopify', text, ...over });
  return { rig, admin, viewer, text, write, play };
}

export const body = (over: object = {}) => ({
  body: JSON.stringify(lampOrder(1, over)),
  headers: 'content-type: application/json\nX-Shopify-Topic: orders/paid',
});
export const area = (page: string, name: string) =>
  new RegExp(`<textarea name="${name}"[^>]*>\n([^<]*)</textarea>`).exec(page)?.[1]?.replaceAll('&quot;', '"') ?? '';
