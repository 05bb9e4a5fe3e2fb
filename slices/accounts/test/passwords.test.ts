import crypto from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import { describe, expect, it, test } from 'vitest';
import { formatHash, parseHash, requireArgon2 } from '../src/passwords/argon2.ts';
import { createHashQueue, QueueFullError } from '../src/passwords/hash-queue.ts';
import { createPasswordHasher } from '../src/passwords/password-hasher.ts';

const cheap = { memory: 8, passes: 1, lanes: 1 };
const queue = { concurrency: 2, maxWaiting: 10 };

describe('the Argon2 of this Node', () => {
  // RFC 9106, section 5: 32 bytes of 1 as password, 16 of 2 as salt, 8 of 3 as secret, 12 of 4 as associated data.
  const parameters = {
    message: Buffer.alloc(32, 1),
    nonce: Buffer.alloc(16, 2),
    secret: Buffer.alloc(8, 3),
    associatedData: Buffer.alloc(12, 4),
    memory: 32,
    passes: 3,
    parallelism: 4,
    tagLength: 32,
  };

  it.each([
    ['argon2d', '512b391b6f1162975371d30919734294f868e3be3984f3c1a13a4db9fabe4acb'],
    ['argon2i', 'c814d9d1dc7f37aa13f0d77f2494bda1c8de6b016dd388d29952a4c4672b6ce8'],
    ['argon2id', '0d640df58d78766c08c037a34a8b53c9d01ef0452d75b65eb52520e96b01e659'],
  ] as const)('gives the tag of RFC 9106 for %s', (algorithm, tag) => {
    expect(crypto.argon2Sync(algorithm, parameters).toString('hex')).toBe(tag);
  });

  it('is required at the start, and the refusal names the remedy', () => {
    expect(() => requireArgon2()).not.toThrow();
    expect(() => requireArgon2({})).toThrow(/Node 24\.7 or later with OpenSSL 3\.2 or later/);
  });
});

describe('a stored hash', () => {
  it('is the PHC string of the reference implementation, and reads back', async () => {
    const stored = await createPasswordHasher({}, { ...queue, cost: cheap }).hash('a password');
    expect(stored).toMatch(/^\$argon2id\$v=19\$m=8,t=1,p=1\$[A-Za-z0-9+/]{22}\$[A-Za-z0-9+/]{43}$/);
    expect(formatHash(parseHash(stored))).toBe(stored);
  });

  it('of the reference implementation is verified', async () => {
    // echo -n password | argon2 somesalt -id -t 2 -k 65536 -p 1 -l 32 -e
    const known = '$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc';
    const hasher = createPasswordHasher({}, { ...queue, cost: { memory: 65_536, passes: 2, lanes: 1 } });
    expect(await hasher.verify('password', known)).toBe('right');
    expect(await hasher.verify('passwore', known)).toBe('wrong');
  });

  it('of other parameters is right, and outdated', async () => {
    const stored = await createPasswordHasher({}, { ...queue, cost: cheap }).hash('a password');
    const now = createPasswordHasher({}, { ...queue, cost: { ...cheap, passes: 2 } });
    expect(await now.verify('a password', stored)).toBe('outdated');
    expect(await now.verify('another one', stored)).toBe('wrong');
  });

  test('each has a salt of its own, and an unknown address costs one computation like any other', async () => {
    let hashes = 0;
    const onHash = () => {
      hashes += 1;
    };
    const hasher = createPasswordHasher({ onHash }, { ...queue, cost: cheap });
    const [one, other] = [await hasher.hash('a password'), await hasher.hash('a password')];
    expect(one).not.toBe(other);
    hashes = 0;
    expect(await hasher.verify('a password', undefined)).toBe('wrong');
    expect(await hasher.verify('a password', one)).toBe('right');
    expect(hashes).toBe(2);
  });
});

describe('the queue', () => {
  it('runs few at once in order, refuses those beyond its length, and lets waiters leave', async () => {
    const { run } = createHashQueue({ concurrency: 2, maxWaiting: 2 });
    const gates = Array.from({ length: 4 }, () => Promise.withResolvers<void>());
    const order: number[] = [];
    const start = (index: number, signal?: AbortSignal) =>
      run(async () => {
        order.push(index);
        await gates[index]?.promise;
      }, signal);
    const leaving = new AbortController();
    const [first, second] = [start(0), start(1)];
    const third = start(2, leaving.signal);
    const fourth = start(3);
    await expect(run(async () => undefined)).rejects.toBeInstanceOf(QueueFullError);
    leaving.abort(new Error('gone'));
    await expect(third).rejects.toThrow('gone');
    expect(order).toEqual([0, 1]);
    gates[1]?.resolve();
    await second;
    await wait(0);
    expect(order).toEqual([0, 1, 3]);
    for (const { resolve } of gates) resolve();
    await Promise.all([first, fourth]);
    expect(await run(async () => 'free again')).toBe('free again');
  });

  it('gives the place of a failed task to the next', async () => {
    const { run } = createHashQueue({ concurrency: 1, maxWaiting: 5 });
    const failing = run(() => Promise.reject(new Error('broken')));
    const next = run(async () => 'next');
    await expect(failing).rejects.toThrow('broken');
    expect(await next).toBe('next');
  });
});
