import {
  type Callers,
  type ContractRouter,
  createRouter,
  defineRoute,
  ProblemError,
  route,
  serviceUnavailable,
} from '@lab/shared/http';
import {
  type Cursors,
  listProblems,
  listQuery,
  pageReply,
  pageResponse,
  readPage,
} from '@lab/shared/pagination';
import { z } from 'zod';
import { staffRoute } from '../contract-parts.ts';
import { accountNotFound, accountSchema, email, lastAdmin, toJson } from './account-schemas.ts';
import { keyOf } from './account-store.ts';
import { roleSchema } from './roles.ts';
import { oldestFirst, type StaffStore } from './staff-store.ts';

const listAccounts = defineRoute({
  ...staffRoute,
  method: 'GET',
  path: '/accounts',
  name: 'listAccounts',
  summary: 'List accounts, in order of registration',
  query: z.strictObject({
    ...listQuery,
    email: email().optional().meta({ description: 'The account of this address' }),
    role: roleSchema.optional(),
  }),
  responses: { 200: pageResponse(accountSchema, 'A page of accounts') },
  problems: [...listProblems, serviceUnavailable],
});

const accountId = z
  .string()
  .regex(/^[1-9]\d{0,14}$/, 'must be a positive whole number')
  .transform(Number)
  .meta({ example: '2' });

const setRoles = defineRoute({
  ...staffRoute,
  method: 'PUT',
  path: '/accounts/:id/roles',
  name: 'setRoles',
  summary: 'Set the roles of an account',
  description: 'They count from the next request on, also for sessions that have begun.',
  params: z.strictObject({ id: accountId }),
  body: z
    .strictObject({
      roles: z
        .array(roleSchema)
        .min(1)
        .max(roleSchema.options.length)
        .refine((roles) => new Set(roles).size === roles.length, 'must not repeat a role'),
    })
    .meta({ id: 'accounts.Roles', example: { roles: ['customer'] } }),
  responses: { 200: { description: 'The account', body: accountSchema } },
  problems: [accountNotFound, lastAdmin, serviceUnavailable],
});

const endSessionsOf = defineRoute({
  ...staffRoute,
  method: 'DELETE',
  path: '/accounts/:id/sessions',
  name: 'endSessionsOf',
  summary: 'End all sessions of an account',
  params: z.strictObject({ id: accountId }),
  responses: { 204: { description: 'They have ended, now or earlier' } },
  problems: [accountNotFound, serviceUnavailable],
});

interface Deps {
  readonly staff: StaffStore;
  readonly cursors: Cursors;
  readonly callers: Callers;
}

/** The routes for staff, who need the permission `accounts:manage`. */
export const createStaffRouter = ({ staff, cursors, callers }: Deps): ContractRouter =>
  createRouter(
    [
      route(listAccounts).handle(async (req) => {
        const { role } = req.query;
        const wanted = req.query.email;
        const page = await readPage(req.query, {
          cursors,
          keyset: oldestFirst,
          binding: { email: wanted && keyOf(wanted), role },
          fetch: (count, after) => staff.page({ email: wanted, role }, count, after),
          toItem: toJson,
        });
        return pageReply(req, page);
      }),
      route(setRoles).handle(async ({ params, body }) => {
        const account = await staff.setRoles(params.id, body.roles);
        if (account === 'no_account') throw new ProblemError(accountNotFound);
        if (account === 'last_admin') throw new ProblemError(lastAdmin);
        return { status: 200, body: toJson(account) };
      }),
      route(endSessionsOf).handle(async ({ params }) => {
        if (!(await staff.endSessions(params.id))) throw new ProblemError(accountNotFound);
        return { status: 204 };
      }),
    ],
    { callers },
  );
