/**
 * Problem: what a request changes outside of the database, such as a cache, has no transaction that its entry could share.
 * Guarantees: the entry is on disk as `started` before the handler runs, in one commit with others that arrive meanwhile.
 * The answer completes it.
 * Does NOT guarantee: that what is recorded was done. If the process dies in between, the entry ends as `unknown`.
 */
import { type ContractRouter, contextOf, guard, type RouteContract } from '@lab/shared/http';
import type { WrappedAudit } from '../wrapped/wrapped-audit.ts';
import { auditUnavailable, statusOf } from './audited-writes.ts';

type Middleware = Parameters<typeof guard>[1];

const record =
  ({ started, completed }: WrappedAudit, { name: action }: Pick<RouteContract, 'name'>): Middleware =>
  async (req, res, next) => {
    const { method, caller } = req;
    const context = contextOf(req, res);
    const { requestId, trace } = context;
    const [resource = ''] = req.originalUrl.split('?', 1);
    const id = await started({ method, action, resource, caller, requestId, traceId: trace.traceId });
    context.whenClosed(() => {
      const status = statusOf(res);
      const outcome = status < 400 ? 'succeeded' : 'failed';
      void completed(id, { outcome, status, attempts: 1, durationMs: context.elapsedMs });
    });
    next();
  };

/**
 * The same router, with an entry for each request to the named routes. For routes that write nothing in the database:
 * the entry of what they write there must commit with it (see `audited-writes.ts`).
 */
export const auditRoutes = (
  router: ContractRouter,
  calls: WrappedAudit,
  names: readonly string[],
): ContractRouter =>
  names.reduce(
    (audited, name) =>
      guard(audited, record(calls, { name }), { problems: [auditUnavailable], only: [name] }),
    router,
  );
