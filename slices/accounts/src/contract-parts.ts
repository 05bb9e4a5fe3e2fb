import type { Tag } from '@lab/shared/http';
import { z } from 'zod';

export const tag: Tag = {
  name: 'accounts',
  description:
    'Accounts and sessions that can be taken away: a refresh token works once, a lost answer can be asked for again, and a stolen token ends the session. No answer tells whether an address has an account.',
};

/** What the routes of one's own account, sessions and addresses share. */
export const ownRoute = { tag, caller: 'shopper' } as const;

/** What the routes for staff share. */
export const staffRoute = { tag, caller: 'operator', permission: 'accounts:manage' } as const;

/** A token that a client gives back. Any text: what is no token gets the answer of a wrong one. */
export const opaqueToken = () => z.string().min(1).max(200);

export const instant = () => z.iso.datetime({ precision: 3 });

/** For ids and times of examples. */
export const exampleId = '019a0000-0000-7000-8000-000000000001';
export const exampleInstant = '2026-11-20T12:00:00.000Z';
