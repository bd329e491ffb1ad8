// From a host name to checked addresses.
import { describe, expect, it } from 'vitest';
import { createResolve, type NameServers } from '../../src/deliver/resolve.ts';

const missing = (code: string) => () => Promise.reject(Object.assign(new Error(code), { code }));
const never = () => new Promise<string[]>(() => undefined);
const servers = (changes: Partial<NameServers>): NameServers => ({
  v4: missing('ENODATA'),
  v6: missing('ENODATA'),
  system: missing('ENOTFOUND'),
  ...changes,
});
const strict = { allowPrivate: false };

describe('createResolve', () => {
  it('gives the addresses of both families', async () => {
    const resolve = createResolve(servers({ v4: async () => ['8.8.8.8'], v6: async () => ['2606:4700::1'] }), strict);
    expect(await resolve('shop.example')).toEqual([
      { address: '8.8.8.8', family: 4 },
      { address: '2606:4700::1', family: 6 },
    ]);
  });

  it.each([
    [['8.8.8.8', '10.0.0.1'], []],
    [['8.8.8.8'], ['fd00::1']],
    [['169.254.169.254'], ['2606:4700::1']],
  ])('S64 refuses a name that leads to %j and %j', async (v4, v6) => {
    const resolve = createResolve(servers({ v4: async () => v4, v6: async () => v6 }), strict);
    await expect(resolve('shop.example')).rejects.toMatchObject({ failure: 'forbidden_address' });
  });

  it('S65 gives only what it has checked to a name that answers differently each time', async () => {
    const clock = { at: 1_000 };
    const answers = ['8.8.8.8', '127.0.0.1'];
    const v4 = async () => [answers.shift() ?? '127.0.0.1'];
    const resolve = createResolve(servers({ v4 }), { ...strict, perf: { now: () => clock.at } });
    const first = await Promise.all([resolve('rebind.example'), resolve('rebind.example')]);
    expect(first.flat().map(({ address }) => address)).toEqual(['8.8.8.8', '8.8.8.8']);
    clock.at += 60_000;
    await expect(resolve('rebind.example')).rejects.toMatchObject({ failure: 'forbidden_address' });
  });

  it('S68 takes localhost for the loopback address without asking anyone', async () => {
    const resolve = createResolve(servers({ v4: never, v6: never }), strict);
    await expect(resolve('localhost')).rejects.toMatchObject({ failure: 'forbidden_address' });
    const allowed = createResolve(servers({ v4: never, v6: never }), { allowPrivate: true });
    expect(await allowed('localhost')).toContainEqual({ address: '127.0.0.1', family: 4 });
  });

  it('F19 answers a living name while a hundred dead ones are being asked for', async () => {
    const v4 = (host: string) => (host === 'alive.example' ? Promise.resolve(['8.8.8.8']) : never());
    let dead = 0;
    const resolve = createResolve(servers({ v4 }), strict);
    for (let n = 0; n < 100; n++) void resolve(`dead${n}.example`).finally(() => (dead += 1));
    expect(await resolve('alive.example')).toHaveLength(1);
    expect(dead).toBe(0);
  });

  it('asks the system for a name that the name servers do not know, one at a time', async () => {
    let asking = 0;
    let most = 0;
    const system = async (host: string) => {
      most = Math.max(most, ++asking);
      await new Promise((resolve) => setImmediate(resolve));
      asking -= 1;
      return host === 'sgtm' ? ['10.0.0.7'] : ['10.0.0.8'];
    };
    const resolve = createResolve(servers({ system }), { allowPrivate: true });
    const found = await Promise.all(['sgtm', 'other', 'third'].map(resolve));
    expect(found.flat().map(({ address }) => address)).toEqual(['10.0.0.7', '10.0.0.8', '10.0.0.8']);
    expect(most).toBe(1);
  });

  it('does not ask the system when the name servers fail, for that would take a thread for long', async () => {
    const system = async () => ['10.0.0.7'];
    const resolve = createResolve(servers({ v4: missing('ETIMEOUT'), system }), { allowPrivate: true });
    await expect(resolve('slow.example')).rejects.toMatchObject({ failure: 'dns', message: 'ETIMEOUT slow.example' });
  });

  it('asks the system where there are no name servers', async () => {
    const none = missing('ECONNREFUSED');
    const resolve = createResolve({ v4: none, v6: none, system: async () => ['10.0.0.7'] }, { allowPrivate: true });
    expect(await resolve('sgtm')).toEqual([{ address: '10.0.0.7', family: 4 }]);
  });

  it('forgets a failure at once', async () => {
    let up = false;
    const v4 = async () => (up ? ['8.8.8.8'] : missing('ESERVFAIL')());
    const resolve = createResolve(servers({ v4 }), strict);
    await expect(resolve('shop.example')).rejects.toMatchObject({ failure: 'dns' });
    up = true;
    expect(await resolve('shop.example')).toHaveLength(1);
  });
});
