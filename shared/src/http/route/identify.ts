import type { Request, RequestHandler } from 'express';
import { forbidden, missingCredentials } from '#src/problem/common-problems.ts';
import { ProblemError } from '#src/problem/problem.ts';
import type { Caller, CallerKind, Callers } from './callers.ts';
import type { RouteContract } from './contract.ts';

declare global {
  namespace Express {
    interface Request {
      /** Who sent the request, if its route asks for a caller. */
      caller: Caller | undefined;
    }
  }
}

const wantsCredentials = (kind: CallerKind, realm: string): ProblemError => {
  const scheme = kind === 'operator' ? 'AdminToken' : 'Bearer';
  return new ProblemError(missingCredentials, {
    detail:
      kind === 'operator'
        ? 'This route is for operators: send `X-Admin-Token`.'
        : missingCredentials.explanation,
    headers: { 'WWW-Authenticate': `${scheme} realm="${realm}"` },
  });
};

const refusal = (caller: Caller, kind: CallerKind, permission: string | undefined): string | undefined => {
  if (caller.role === 'operator')
    return kind === 'shopper' ? 'This route acts for a shopper, but the caller is an operator.' : undefined;
  if (permission !== undefined && caller.permissions.has(permission)) return undefined;
  if (permission !== undefined) return `This route requires the permission ${permission}.`;
  return kind === 'operator' ? 'This route is for operators only.' : undefined;
};

/**
 * The stage of a route that identifies its caller, before the body is read, so that requests without credentials cost
 * little. Answers 401 without credentials, and 403 if the caller is known but may not call this route.
 */
export const identify = (
  { name, caller: kind, permission }: RouteContract,
  callers: Callers | undefined,
): RequestHandler[] => {
  if (permission !== undefined && kind === undefined)
    throw new Error(`${name} requires a permission but no caller`);
  if (kind === undefined) return [];
  if (callers === undefined) throw new Error(`${name} requires callers, but the router has none`);
  return [
    async (req: Request, _res, next): Promise<void> => {
      const caller = await callers.identify(req.headers, kind);
      if (!caller) throw wantsCredentials(kind, callers.realm);
      const detail = refusal(caller, kind, permission);
      if (detail !== undefined) throw new ProblemError(forbidden, { detail });
      req.caller = caller;
      next();
    },
  ];
};
