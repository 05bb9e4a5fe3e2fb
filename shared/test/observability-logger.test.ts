import { expect, test } from 'vitest';
import { createCapturedLogger } from './fixtures/log-lines.ts';

test('a line is JSON with time, level by name and service', () => {
  const { logger, lines } = createCapturedLogger();
  logger.warn({ sku: 'cone' }, 'low stock');
  expect(lines()).toEqual([
    {
      level: 'warn',
      service: 'test',
      sku: 'cone',
      msg: 'low stock',
      time: expect.stringMatching(/^\d{4}-.*\.\d{3}Z$/),
    },
  ]);
});

test.each(['authorization', 'cookie', 'password', 'token', 'secret', 'card_number', 'cvc'])(
  '%s is redacted',
  (name) => {
    const { logger, text } = createCapturedLogger();
    logger.info({ [name]: 'hunter2', body: { [name]: 'hunter2' } });
    expect(text()).not.toContain('hunter2');
    expect(text().match(/\[redacted\]/g)).toHaveLength(2);
  },
);

test('of an error only known fields are logged, its causes included', () => {
  const { logger, lines, text } = createCapturedLogger();
  const cause = Object.assign(new Error('duplicate key'), {
    code: '23505',
    detail: 'Key (card)=(4929) exists',
  });
  logger.error({ err: new Error('not stored', { cause }) });
  expect(lines()[0]).toMatchObject({
    err: { name: 'Error', message: 'not stored', stack: expect.any(String), cause: { code: '23505' } },
  });
  expect(text()).not.toContain('4929');
});

test('what is thrown and is no error is logged by its type alone', () => {
  const { logger, lines } = createCapturedLogger();
  logger.error({ err: 'hunter2' });
  expect(lines()[0]).toMatchObject({ err: { name: 'NonError', message: 'thrown: string' } });
});
