import { createHmac } from 'node:crypto';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { createHmacSha256 } from '../src/pagination/hmac.ts';

it('is the HMAC of node:crypto, under any key and for any text', () => {
  const keys = fc.uint8Array({ maxLength: 64 });
  const texts = fc.array(fc.string({ unit: 'binary', maxLength: 300 }), { minLength: 1, maxLength: 5 });
  fc.assert(
    fc.property(keys, texts, (key, several) => {
      const mac = createHmacSha256(key);
      const theirs = several.map((text) => createHmac('sha256', key).update(text).digest('base64url'));
      expect(several.map(mac)).toEqual(theirs);
    }),
    { numRuns: 5000 },
  );
});

// RFC 4231, test case 2.
it('agrees with the published example', () => {
  const mac = createHmacSha256(Buffer.from('Jefe'))('what do ya want for nothing?');
  const published = '5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843';
  expect(Buffer.from(mac, 'base64url').toString('hex')).toBe(published);
});

it('refuses a key longer than a block', () => {
  expect(() => createHmacSha256(Buffer.alloc(65))).toThrow(RangeError);
});
