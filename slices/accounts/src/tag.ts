import type { Tag } from '@lab/shared/http';

export const tag: Tag = {
  name: 'accounts',
  description:
    'Accounts and sessions that can be taken away: a refresh token works once, a lost answer can be asked for again, and a stolen token ends the session. No answer tells whether an address has an account.',
};
