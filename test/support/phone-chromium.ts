// The pages of the phone team in a real Chromium as wide as a phone: whoever enters is logged in, and types.
import type { Page } from 'playwright-core';
import { PASSWORD } from './browser.ts';
import { logIn, startChromium } from './chromium.ts';
import { type PhoneRig, startPhone } from './phone.ts';

const PHONE = {
  viewport: { width: 390, height: 844 },
  hasTouch: true,
  isMobile: true,
  timezoneId: 'America/New_York',
  reducedMotion: 'reduce',
} as const;

export type PhonePages = {
  phone: PhoneRig;
  /** A new page where somebody of the team is logged in. */
  enter: (options: object) => Promise<Page>;
  /** What scripts failed on, on any page. */
  complaints: string[];
  close: () => Promise<void>;
};

export async function startPhonePages(): Promise<PhonePages> {
  const phone = await startPhone(300);
  const chromium = await startChromium();
  const complaints: string[] = [];
  const enter = async (options: object): Promise<Page> => {
    const one = await (await chromium.newContext({ ...PHONE, ...options })).newPage();
    one.on('pageerror', (error) => complaints.push(error.message));
    await one.goto(`${phone.rig.service.adminUrl}/login`);
    await logIn(one, { email: 'sales@example.com', password: PASSWORD });
    await one.getByRole('heading', { name: 'Phone orders' }).waitFor();
    return one;
  };
  const close = async () => {
    await chromium.close();
    await phone.close();
  };
  return { phone, enter, complaints, close };
}

export const field = (on: Page, name: string) => on.getByLabel(name, { exact: true });
export const save = (on: Page) => on.getByRole('button', { name: 'Save', exact: true }).click();
