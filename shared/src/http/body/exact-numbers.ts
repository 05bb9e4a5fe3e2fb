import { Decimal } from 'decimal.js';
import { invalidRequest, malformedJson } from '#src/problem/common-problems.ts';
import { ProblemError } from '#src/problem/problem.ts';
import { toFault } from '../route/faults.ts';

// Numbers of up to 15 significant digits are always exact. Only these may not be.
const suspicious = /[\d.]{16}|\d[eE]/;

const inexact = Symbol('a number that a double cannot hold');

/** Whether a double holds exactly the number in the text: 9007199254740993 would become 9007199254740992. */
const isExact = (source: string): boolean => {
  const value = Number(source);
  // Decimal too makes zero of the very smallest.
  if (value === 0) return !/^-?[\d.]*[1-9]/.test(source);
  return Number.isFinite(value) && new Decimal(source).eq(value);
};

interface ReviverContext {
  readonly source?: string;
}

const markInexact = (_key: string, value: unknown, context?: ReviverContext): unknown =>
  typeof value === 'number' && context?.source !== undefined && !isExact(context.source) ? inexact : value;

const placesOf = (value: unknown, path: readonly PropertyKey[]): (readonly PropertyKey[])[] => {
  if (value === inexact) return [path];
  if (Array.isArray(value)) return value.flatMap((item, index) => placesOf(item, [...path, index]));
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([name, item]) => placesOf(item, [...path, name]));
};

const findPlaces = (text: string): (readonly PropertyKey[])[] => {
  try {
    return placesOf(JSON.parse(text, markInexact), []);
  } catch (error) {
    // Thousands of levels overflow the stack. RFC 8259, section 9, allows a limit.
    if (!(error instanceof RangeError)) throw error;
    throw new ProblemError(malformedJson, { detail: 'The body is nested too deeply.' });
  }
};

/**
 * Throws 400 `invalid_request` with the place of each number in a valid JSON text that JavaScript would read as a
 * different number (RFC 8259, section 6).
 */
export const refuseInexactNumbers = (text: string): void => {
  if (!suspicious.test(text)) return;
  const places = findPlaces(text);
  if (places.length === 0) return;
  const detail =
    'must be a number that a 64-bit floating-point number holds exactly; send other numbers as strings';
  throw new ProblemError(invalidRequest, {
    detail: 'The body contains numbers that would lose precision; see `errors`.',
    errors: places.slice(0, 100).map((path) => toFault('body', path, detail)),
  });
};
