import { ProblemError } from '@lab/shared/http';
import { startApp } from '@lab/testing';
import { Decimal } from 'decimal.js';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { refuseInexactNumbers } from '#src/http/body/exact-numbers.ts';
import { createNotesApp } from './fixtures/notes-app.ts';

const refusalOf = (text: string): ProblemError | undefined => {
  try {
    refuseInexactNumbers(text);
    return undefined;
  } catch (error) {
    if (error instanceof ProblemError) return error;
    throw error;
  }
};

const pointersOf = (text: string): unknown[] =>
  (refusalOf(text)?.occurrence.errors ?? []).map((fault) => ('pointer' in fault ? fault.pointer : fault));

describe('a number', () => {
  test.each([
    ['9007199254740992', '9007199254740994', '-9007199254740992', '100000000000000000000'],
    ['0', '-0', '0.1', '0.10000000000000000000', '0.30000000000000004', '123456789012345.6'],
    ['1e3', '1E+2', '1e22', '5e-324', '1.7976931348623157e308', '0e999999999', '-0.00e-5'],
  ])('that a double holds passes: %s, %s, %s, %s ...', (...numbers) => {
    for (const number of numbers) expect(pointersOf(`[${number}]`)).toEqual([]);
  });

  test.each([
    ['9007199254740993', '-9007199254740993', '100000000000000000001'],
    ['0.12345678901234567', '1234567890123456.7'],
    [
      '1e400',
      '-1e400',
      '1e-400',
      '1e-99999999999999999999',
      '2e308',
      `1e${'9'.repeat(50_000)}`,
      '1'.repeat(50_000),
    ],
  ])('that a double would change is refused with its place: %s, %s ...', (...numbers) => {
    for (const number of numbers) expect(pointersOf(`[${number}]`)).toEqual(['#/0']);
  });

  test('in a text or a name is none', () => {
    expect(pointersOf('{"9007199254740993":"9007199254740993 1e400"}')).toEqual([]);
  });

  test('is judged as exact arithmetic judges it', () => {
    const digits = (most: number) => fc.stringMatching(new RegExp(`^(0|[1-9][0-9]{0,${most}})$`));
    const number = fc
      .tuple(
        fc.constantFrom('', '-'),
        digits(24),
        fc.option(digits(24)),
        fc.option(fc.integer({ min: -340, max: 330 })),
      )
      .map(
        ([sign, whole, part, power]) =>
          `${sign}${whole}${part === null ? '' : `.${part}`}${power === null ? '' : `e${power}`}`,
      );
    const property = fc.property(number, (text) => {
      // What JavaScript writes for its number is the number that it read.
      const kept = Number.isFinite(Number(text)) && new Decimal(String(Number(text))).eq(text);
      expect(pointersOf(`{"a":${text}}`)).toEqual(kept ? [] : ['#/a']);
    });
    fc.assert(property, { numRuns: 2000 });
  });

  test('that is whole is judged as BigInt judges it', () => {
    const property = fc.property(fc.bigInt({ min: -(2n ** 70n), max: 2n ** 70n }), (whole) => {
      const kept = new Decimal(String(Number(whole))).eq(String(whole));
      expect(pointersOf(`[${whole}]`)).toEqual(kept ? [] : ['#/0']);
      if (BigInt.asIntN(54, whole) === whole) expect(kept).toBe(true);
    });
    fc.assert(property, { numRuns: 2000 });
  });
});

test('the places are pointers, names that the client made up are cut, and there are at most a hundred', () => {
  const places = pointersOf('{"a":[1,{"b":1e400}],"c d":[1e400],"no 4111111111111111":1e400}');
  expect(places).toEqual(['#/a/1/b', '#', '#']);
  expect(pointersOf(`[${Array(5000).fill('1e400').join()}]`)).toHaveLength(100);
});

test('each body of 100 KiB is read, however hostile', () => {
  const size = 102_000;
  const fill = (piece: string) => piece.repeat(size / piece.length);
  for (const text of [
    `[${fill('1e1,')}1]`,
    `[${fill('9007199254740993,')}1]`,
    `0.${fill('1')}`,
    `1e-${fill('9')}`,
  ]) {
    refusalOf(text);
  }
  const nested = (levels: number) => refusalOf(`${'['.repeat(levels)}1e400${']'.repeat(levels)}`);
  expect(nested(500)?.type.code).toBe('invalid_request');
  expect(nested(50_000)?.type.code).toBe('malformed_json');
});

test('is refused in the body of a route, beside nothing else', async () => {
  const { request } = await startApp(createNotesApp());
  const ask = (text: string) =>
    request('POST', '/notes', { text, headers: { 'Content-Type': 'application/json' } });
  expect((await ask('{"text":"a","stars":9007199254740993}')).body).toMatchObject({
    status: 400,
    code: 'invalid_request',
    errors: [{ pointer: '#/stars', detail: expect.stringContaining('64-bit floating-point') }],
  });
});
