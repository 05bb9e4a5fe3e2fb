import { baseUrl, callerSettings, databaseSettings, serverSettings, wholeNumber } from '@lab/shared/config';
import { cursorSettings } from '@lab/shared/pagination';
import { z } from 'zod';
import { auditSettings } from './audit/audit-trail.ts';

/** Settings of a server that calls an upstream. */
export const upstreamSettings = () => ({
  UPSTREAM_URL: baseUrl()
    .optional()
    .describe('Where `/wrapped` calls go (default: the built-in flaky upstream).'),
  ATTEMPT_TIMEOUT_MS: wholeNumber(1, 600_000).default(1000).describe('Longest time of one attempt.'),
  DEADLINE_MS: wholeNumber(1, 600_000)
    .default(5000)
    .describe('Longest time of a call, with all its attempts and waits, until its answer begins.'),
  RETRY_MAX_ATTEMPTS: wholeNumber(1, 100).default(3).describe('Most attempts, the first one included.'),
  RETRY_BASE_MS: wholeNumber(0, 600_000)
    .default(100)
    .describe('Bound of the random wait before the first retry. It doubles with each one.'),
  RETRY_CAP_MS: wholeNumber(0, 600_000).default(1000).describe('Highest bound of such a wait.'),
  RETRY_BUDGET_PERCENT: wholeNumber(0, 1000).default(10).describe('Retries for each 100 calls.'),
  RETRY_BUDGET_RESERVE: wholeNumber(0, 1_000_000)
    .default(20)
    .describe('Retries at once beyond that percentage. They come back at one a second.'),
  BREAKER_WINDOW: wholeNumber(1, 100_000)
    .default(20)
    .describe('How many of the last attempts the circuit breaker looks at.'),
  BREAKER_FAILURE_PERCENT: wholeNumber(1, 100)
    .default(50)
    .describe('It opens when at least this percentage of them has failed.'),
  BREAKER_OPEN_MS: wholeNumber(1, 600_000).default(10_000).describe('How long it stays open.'),
  BULKHEAD_CALLS: wholeNumber(1, 100_000).default(100).describe('Most attempts under way at once.'),
  BULKHEAD_QUEUE: wholeNumber(0, 100_000).default(500).describe('Most attempts that wait for their turn.'),
  WRAPPED_BODY_BYTES: wholeNumber(0, 1_000_000_000)
    .default(10_485_760)
    .describe('Longest body, in each direction.'),
  UPLOAD_TIMEOUT_MS: wholeNumber(1, 600_000)
    .default(25_000)
    .describe('Longest time of a call whose request body is streamed, because it is too long to be held.'),
  UPSTREAM_IDLE_MS: wholeNumber(1, 600_000)
    .default(30_000)
    .describe('Longest time without a byte of an answer that is streamed.'),
});

export type UpstreamSettings = z.output<z.ZodObject<ReturnType<typeof upstreamSettings>>>;

export const reliabilityAuditSettings = z.object({
  ...serverSettings({ port: 3007 }),
  ...callerSettings(),
  ...databaseSettings({ file: 'data/reliability-audit.db' }),
  ...cursorSettings(),
  ...upstreamSettings(),
  ...auditSettings(),
});
