import { z } from 'zod';

/** What each role may do besides shopping. */
const permissionsByRole = {
  customer: [],
  manager: ['catalog:write', 'stock:write', 'orders:manage', 'payments:refund'],
  admin: [
    'catalog:write',
    'stock:write',
    'orders:manage',
    'payments:refund',
    'accounts:manage',
    'audit:read',
    'config:write',
  ],
} as const;

export const roleSchema = z.enum(['customer', 'manager', 'admin']);

export type Role = z.output<typeof roleSchema>;

/** The permissions that any of the roles has. Unknown roles have none. */
export const permissionsOf = (roles: readonly string[]): ReadonlySet<string> =>
  new Set(roles.flatMap((role) => permissionsByRole[roleSchema.safeParse(role).data ?? 'customer']));
