// A small browser without scripts: keeps cookies, follows no redirects, and posts the forms it has seen.
import type { Rig } from './service.ts';

export type Page = { status: number; headers: Headers; text: string; location: string | null };
export type Browser = ReturnType<typeof createBrowser>;

export function createBrowser(origin: string) {
  const cookies = new Map<string, string>();
  const ask = async (path: string, init: RequestInit & { headers?: Record<string, string> } = {}): Promise<Page> => {
    const cookie = [...cookies].map(([name, value]) => `${name}=${value}`).join('; ');
    const headers = { ...(cookie !== '' && { cookie }), ...init.headers };
    const reply = await fetch(new URL(path, origin), { redirect: 'manual', ...init, headers });
    for (const line of reply.headers.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
      if (value === '') cookies.delete(name);
      else cookies.set(name, value);
    }
    const { status } = reply;
    return { status, headers: reply.headers, text: await reply.text(), location: reply.headers.get('location') };
  };
  const postText = (path: string, body: string, headers: Record<string, string> = {}) =>
    ask(path, {
      method: 'POST',
      body,
      headers: { origin, 'content-type': 'application/x-www-form-urlencoded', ...headers },
    });
  const post = (path: string, fields: Record<string, string> = {}, headers: Record<string, string> = {}) =>
    postText(path, new URLSearchParams(fields).toString(), headers);
  /** The token that forms of this session carry. */
  const csrf = async (): Promise<string> => /name="csrf" value="([^"]+)"/.exec((await ask('/account')).text)?.[1] ?? '';
  return {
    cookies,
    get: (path: string, headers: Record<string, string> = {}) => ask(path, { headers }),
    post,
    postText,
    csrf,
    /** Posts with the session's token. */
    submit: async (path: string, fields: Record<string, string> = {}) => post(path, { csrf: await csrf(), ...fields }),
    logIn: (email: string, password: string, more: Record<string, string> = {}) =>
      post('/login', { email, password, ...more }),
  };
}

export const ADMIN = { email: 'ada@example.com', password: 'a long password of Ada' };
export const PASSWORD = 'a long password of somebody';

type Pages = { service: Pick<Rig['service'], 'adminUrl'> };

/** The one-time link that the service said in its log. */
export function firstLink({ logged }: Pick<Rig, 'logged'>): string {
  const link = /"link":"([^"]+)"/.exec(logged.join(''))?.[1];
  if (link === undefined) throw new Error('no link was logged');
  return new URL(link).pathname;
}

/** A browser in which the first admin is logged in. */
export async function becomeAdmin(rig: Pick<Rig, 'logged'> & Pages): Promise<Browser> {
  const browser = createBrowser(rig.service.adminUrl);
  const { email, password } = ADMIN;
  const page = await browser.post(firstLink(rig), { email, password, again: password });
  if (page.status !== 303) throw new Error(`setting the password answered ${page.status}`);
  return browser;
}

/** A browser in which somebody new with this role is logged in. */
export async function becomeRole(rig: Pages, admin: Browser, role: string): Promise<Browser> {
  const added = await admin.submit('/people', { email: `${role}@example.com`, role });
  const path = new URL(/value="([^"]*\/welcome\/[^"]+)"/.exec(added.text)?.[1] ?? '').pathname;
  const browser = createBrowser(rig.service.adminUrl);
  await browser.post(path, { password: PASSWORD, again: PASSWORD });
  return browser;
}

/** The page of alerts after the look that a service takes when it starts: the next one would come a minute later. */
export async function alertsAfterRestart(rig: Rig): Promise<() => Promise<string>> {
  await rig.service.stop();
  rig.service = await rig.addReplica();
  const browser = createBrowser(rig.service.adminUrl);
  await browser.logIn(ADMIN.email, ADMIN.password);
  return async () => (await browser.get('/alerts')).text;
}
