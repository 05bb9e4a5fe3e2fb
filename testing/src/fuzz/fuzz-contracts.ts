import type { App } from '@lab/shared/http';
import { expect, test } from 'vitest';
import { type FuzzOptions, fuzzApp, fuzzDefaults } from './fuzz-app.ts';
import { complaintsAboutFuzzer } from './fuzz-report.ts';

/**
 * A test that fuzzes every route of an app:
 * `fuzzContracts(() => createTestApp([createThingRouter(...)]), { samples: { readThing: { 'params.id': ['1'] } } })`.
 */
export const fuzzContracts = (openApp: () => App | Promise<App>, options: FuzzOptions = {}): void => {
  test('answers generated requests, valid and broken, as documented', { timeout: 120_000 }, async () => {
    const app = await openApp();
    const report = await fuzzApp(app, options);
    const hasBody = (name: string): boolean => app.contracts.some((each) => each.name === name && each.body);
    const share = options.leastValidShare ?? fuzzDefaults.leastValidShare;
    expect([...report.failures, ...complaintsAboutFuzzer(report, share, hasBody)].join('\n\n')).toBe('');
  });
};
