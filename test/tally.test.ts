import { expect, test } from 'vitest';
import { readSettings } from '../lab/settings.ts';
import { closingLines, tallyOf } from '../lab/tally.ts';

const closing = (tests: string) =>
  ` Test Files  2 passed (2)\n      Tests  ${tests}\n   Start at  12:00:00\n`;

test('counts the tests of every run in the output', () => {
  expect(tallyOf(closing('12 passed (12)') + closing('1 failed | 3 passed | 2 skipped (6)'), 1)).toEqual({
    passed: 15,
    failed: 1,
  });
});

test('ignores color codes', () => {
  const coloured =
    '\u001b[2m      Tests \u001b[22m \u001b[1m\u001b[32m12 passed\u001b[39m\u001b[22m\u001b[90m (12)\u001b[39m';
  expect(tallyOf(coloured, 0)).toEqual({ passed: 12, failed: 0 });
  expect(closingLines(coloured)).toEqual(['Tests  12 passed (12)']);
});

test('counts a step without tests as one', () => {
  expect(tallyOf('Checked 20 files', 0)).toEqual({ passed: 1, failed: 0 });
  expect(tallyOf('Found 1 error', 1)).toEqual({ passed: 0, failed: 1 });
});

test('counts a failure outside of tests', () => {
  expect(tallyOf(closing('12 passed (12)'), 1)).toEqual({ passed: 12, failed: 1 });
  expect(tallyOf(closing('no tests'), 1)).toEqual({ passed: 0, failed: 1 });
});

test('arguments override the environment', () => {
  const settings = readSettings(['slice=cart-pricing', 'PORT='], {
    slice: 'echo-gateway',
    PORT: '1',
    HOME: '/',
  });
  expect(settings).toEqual({ slice: 'cart-pricing', PORT: '', HOME: '/' });
  expect(() => readSettings(['cart-pricing'], {})).toThrow('Expected NAME=value');
});
