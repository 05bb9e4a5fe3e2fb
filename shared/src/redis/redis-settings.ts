import { z } from 'zod';
import { wholeNumber } from '../config/setting.ts';

const redisUrl = z
  .string()
  .refine((text) => /^rediss?:\/\/[^/]/.test(text) && URL.canParse(text), 'must be redis://host:port');

/** Settings of servers that can share state through Redis. A new object each time, because marks belong to an instance. */
export const redisSettings = () => ({
  REDIS_URL: redisUrl
    .optional()
    .describe('`redis://...` or `rediss://...`. Without it, the state stays in the memory of the process.'),
  REDIS_TIMEOUT_MS: wholeNumber(1, 10_000)
    .default(150)
    .describe('Longest wait for an answer of Redis, in milliseconds.'),
});
