import { describe, expect, it } from 'vitest';
import { ProblemError } from '../src/http/index.ts';
import { type Binding, createCursors } from '../src/pagination/index.ts';

const cursors = createCursors({ secret: 'a secret of this test', list: 'things' });
const binding = { sort: 'newest', category: 'snacks', caller: 7 };
const position = [1_790_000_000_000, null, 'Crème brûlée', 'id-1'];
const cursor = cursors.seal(position, binding);

const codeOf = (given: string, bound: Binding = binding, from = cursors): unknown => {
  try {
    return from.open(given, bound);
  } catch (error) {
    return error instanceof ProblemError ? error.type.code : error;
  }
};

const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_=.+/ ~é';

describe('a cursor', () => {
  it('gives back its position, and is safe in a URL as it is', () => {
    expect(cursors.open(cursor, binding)).toEqual(position);
    expect(cursor).toMatch(/^[\w-]+$/);
  });

  it('is refused with any one character changed, removed, doubled or put before or behind', () => {
    const forged = new Set<string>();
    for (let at = 0; at <= cursor.length; at += 1) {
      const [before, after] = [cursor.slice(0, at), cursor.slice(at)];
      forged.add(before + after.slice(1));
      for (const letter of alphabet)
        forged.add(before + letter + after.slice(1)).add(before + letter + after);
    }
    forged.delete(cursor);
    expect([...forged].filter((each) => codeOf(each) !== 'invalid_cursor')).toEqual([]);
    expect(forged.size).toBeGreaterThan(10_000);
  });

  // Decoding ignores the last character's spare bits: without the comparison some of these would pass.
  it.each([0, 1, 2])('has one spelling only, at length %i modulo 3', (extra) => {
    const sealed = cursors.seal(['x'.repeat(30 + extra)], binding);
    const others = [...alphabet].map((letter) => sealed.slice(0, -1) + letter);
    const accepted = others.filter((each) => each !== sealed && codeOf(each) !== 'invalid_cursor');
    expect(accepted).toEqual([]);
  });

  it.each(['', 'A', '.', 'null', '%00', 'A'.repeat(5000), '{}', '\0'])('is never %j', (text) => {
    expect(codeOf(text)).toBe('invalid_cursor');
  });

  it('of another list or another secret is refused as foreign', () => {
    const otherList = createCursors({ secret: 'a secret of this test', list: 'gifts' });
    const otherSecret = createCursors({ secret: 'a secret of that test', list: 'things' });
    expect([codeOf(cursor, binding, otherList), codeOf(cursor, binding, otherSecret)]).toEqual([
      'invalid_cursor',
      'invalid_cursor',
    ]);
  });

  it.each([
    ['another sort', { ...binding, sort: 'oldest' }],
    ['another filter', { ...binding, category: 'ice-cream' }],
    ['one filter more', { ...binding, in_stock: true }],
    ['one filter less', { sort: 'newest', caller: 7 }],
    ['another caller', { ...binding, caller: 8 }],
    ['the same caller as text', { ...binding, caller: '7' }],
    ['values exchanged', { ...binding, sort: 'snacks', category: 'newest' }],
  ])('does not continue a walk of %s', (_, other) => {
    expect(codeOf(cursor, other)).toBe('cursor_mismatch');
  });

  it('does not depend on the order in which filters are named, nor on those left open', () => {
    const same = { caller: 7, in_stock: undefined, category: 'snacks', sort: 'newest' };
    expect(cursors.open(cursor, same)).toEqual(position);
  });
});
