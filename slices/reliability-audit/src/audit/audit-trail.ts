import { secret, wholeNumber } from '@lab/shared/config';
import type { BeforeCommit } from '@lab/shared/database';
import type { ContractRouter, ServerContext } from '@lab/shared/http';
import { runPeriodically } from '@lab/shared/process';
import type { Kysely } from 'kysely';
import { z } from 'zod';
import { createAuditedCalls } from '../recording/audited-calls.ts';
import { auditRoutes } from '../recording/audited-routes.ts';
import { createAuditedWrites } from '../recording/audited-writes.ts';
import { createAuditRecorder } from '../recording/batched-recorder.ts';
import type { WrappedAudit } from '../wrapped/wrapped-audit.ts';
import { beat, leave, startWatch } from './abandoned-entries.ts';
import { startSealer } from './audit-sealer.ts';
import { type AuditTables, readHead } from './audit-statements.ts';
import { createHeadFile, type HeadFile } from './head-file.ts';

/** Settings of a server with an audit trail. */
export const auditSettings = () => ({
  AUDIT_FAILURE: z
    .enum(['closed', 'open'], 'must be closed or open')
    .default('closed')
    .describe(
      'What happens to a write or a call whose entry cannot be stored: `closed` refuses it, `open` lets it pass.',
    ),
  AUDIT_SEAL_MS: wholeNumber(4, 60_000)
    .default(100)
    .describe('Longest time from the outcome of an entry to its place in the chain, in milliseconds.'),
  AUDIT_HEAD_FILE: z
    .string()
    .optional()
    .describe('A file outside of the database that keeps the head of the chain. None by default.'),
  AUDIT_KEY: secret(z.string().min(16, 'must have at least 16 characters').optional()).describe(
    'Signs that file. At least 16 characters.',
  ),
});

type AuditSettings = z.output<z.ZodObject<ReturnType<typeof auditSettings>>>;

export type AuditContext = Pick<ServerContext<AuditSettings>, 'settings' | 'logger' | 'resources'>;

export interface AuditTrail {
  /** The same router, with an entry for each request that writes. */
  readonly aroundWrites: (router: ContractRouter) => ContractRouter;
  /** The same router, with an entry for each request to routes that change something outside of the database. */
  readonly aroundRoutes: (router: ContractRouter, names: readonly string[]) => ContractRouter;
  readonly calls: WrappedAudit;
  readonly headFile: HeadFile | undefined;
}

/** How long a process may be silent before its entries are given up. */
const LEASE_MS = 10_000;
const HEAD_FILE_PAUSE_MS = 1000;

/**
 * The audit trail of a server. `beforeCommit` goes to its database; `start` is called when that is open and migrated, and
 * ends with the server.
 */
export const createAuditTrail = (
  { settings, logger, resources }: AuditContext,
  { now, newId, leaseMs = LEASE_MS }: { now: () => Date; newId: () => string; leaseMs?: number },
) => {
  const { AUDIT_FAILURE: failure, AUDIT_SEAL_MS: sealMs, AUDIT_HEAD_FILE: path } = settings;
  const writer = newId();
  const onMissing = (error: unknown) => logger.error({ err: error }, 'not recorded in the audit trail');
  const onError = (error: unknown) => logger.error({ err: error }, 'the audit trail does not keep up');
  const deps = { now, newId, writer, onMissing };
  const writes = createAuditedWrites(deps, { failure });
  const headFile = path === undefined ? undefined : createHeadFile(path, { key: settings.AUDIT_KEY });

  const start = async (db: Kysely<AuditTables>): Promise<AuditTrail> => {
    await beat(db, writer);
    resources.defer(() => leave(db, writer).then(() => undefined, onError));
    const keepHead = async () => headFile?.keep(await readHead(db));
    if (headFile) resources.use(runPeriodically(keepHead, { intervalMs: HEAD_FILE_PAUSE_MS, onError }));
    // The sealer takes what the recorder would store by itself later, so that a write costs no commit but its own.
    const recorder = createAuditRecorder({ db, onError }, { delayMs: sealMs });
    resources.defer(() => recorder.stop());
    const sealer = startSealer({ db, late: recorder, onError }, { intervalMs: sealMs * 0.75 });
    resources.use(sealer);
    resources.use(startWatch({ db, writer, onError }, { leaseMs }));
    const calls = createAuditedCalls({ ...deps, recorder }, { failure });
    return {
      aroundWrites: (router) => writes.audit(router, recorder.completeSoon),
      aroundRoutes: (router, names) => auditRoutes(router, calls, names),
      calls,
      headFile,
    };
  };

  const beforeCommit: BeforeCommit = writes.beforeCommit;
  return { beforeCommit, start };
};
