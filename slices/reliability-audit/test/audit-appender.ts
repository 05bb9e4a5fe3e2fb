/** A process that keeps recording calls, and prints the id of each one as soon as it is acknowledged. Arguments: the database, and the name of a bug. */
import { randomUUIDv7 } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import { openDatabase } from '@lab/shared/database';
import { createLogger } from '@lab/shared/observability';
import type { AuditTables } from '../src/audit/audit-statements.ts';
import { createAuditTrail } from '../src/index.ts';

const [url = '', bug = ''] = process.argv.slice(2);
const settings = {
  AUDIT_FAILURE: 'closed',
  AUDIT_SEAL_MS: 20,
  AUDIT_HEAD_FILE: undefined,
  AUDIT_KEY: undefined,
} as const;
const logger = createLogger({ service: 'appender', level: 'silent' });
const trail = createAuditTrail(
  { settings, logger, resources: new AsyncDisposableStack() },
  { now: () => new Date(), newId: randomUUIDv7 },
);
const db = openDatabase<AuditTables>(url, { beforeCommit: trail.beforeCommit });
const { calls } = await trail.start(db);

const acknowledge = (id: string): void => {
  process.stdout.write(`${id}\n`);
};

const call = async (): Promise<void> => {
  const requestId = randomUUIDv7();
  const about = {
    method: 'GET',
    resource: '/wrapped',
    caller: undefined,
    requestId,
    traceId: '0'.repeat(32),
  };
  const starting = calls.started(about);
  // Says that all is well before it is.
  if (bug === 'acknowledged early') acknowledge(requestId);
  const id = await starting;
  await calls.completed(id, { outcome: 'succeeded', status: 200, attempts: 1, durationMs: 1 });
  if (bug === '') acknowledge(requestId);
};

const keepCalling = async (): Promise<void> => {
  for (;;) {
    await call();
    // Leaves the processors to the processes that are starting.
    await wait(5);
  }
};

acknowledge('ready');
await Promise.all(Array.from({ length: 6 }, keepCalling));
