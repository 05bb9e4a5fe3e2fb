import { existsSync } from 'node:fs';
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, onTestFinished } from 'vitest';
import { describeMissing } from '../processes/describe-missing.ts';

const START_MS = 60_000;

// Without these, a browser as root does not start, or asks the hosts of its maker at each start.
const args = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

const executablePath =
  process.env.TEST_CHROMIUM ??
  ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find((path) =>
    existsSync(path),
  );

export interface OpenedPage {
  readonly page: Page;
  /** What the page complained about so far: errors of its scripts, refusals of its content security policy. */
  readonly complaints: readonly string[];
  /** URLs that it asked other servers for. Such requests are refused. */
  readonly foreign: readonly string[];
}

export interface TestBrowser {
  /** Opens a URL in a window of its own, until the end of the test. Requests to other servers are noted and refused. */
  readonly open: (url: string, options?: BrowserContextOptions) => Promise<OpenedPage>;
}

const watch = async (page: Page, origin: string): Promise<OpenedPage> => {
  const complaints: string[] = [];
  const foreign: string[] = [];
  page.on('pageerror', (error) => complaints.push(error.message));
  page.on('console', (message) => {
    if (message.type() === 'error') complaints.push(message.text());
  });
  await page.route(
    (url) => url.origin !== origin && url.protocol !== 'data:',
    (route) => {
      foreign.push(route.request().url());
      return route.abort();
    },
  );
  return { page, complaints, foreign };
};

/**
 * Runs a suite in headless Chromium: that of `TEST_CHROMIUM`, or an installed one. Without one it is skipped with the
 * reason, and fails in CI.
 */
export const onChromium = (suite: (browser: TestBrowser) => void): void => {
  if (executablePath === undefined) {
    describeMissing(
      'in Chromium',
      'Chromium is not installed (apt install chromium), and TEST_CHROMIUM names none',
    );
    return;
  }
  describe('in Chromium', () => {
    let browser: Browser | undefined;
    beforeAll(async () => {
      browser = await chromium.launch({ executablePath, args });
    }, START_MS);
    afterAll(() => browser?.close());
    suite({
      open: async (url, options = {}) => {
        if (!browser) throw new Error('the browser has not started');
        const context = await browser.newContext(options);
        onTestFinished(() => context.close());
        const opened = await watch(await context.newPage(), new URL(url).origin);
        await opened.page.goto(url);
        return opened;
      },
    });
  });
};
