import { defineProblem, ProblemError, storableText } from '@lab/shared/http';
import { z } from 'zod';
import { exampleInstant, instant } from '../contract-parts.ts';
import { givenPassword, newPassword, type Weakness } from '../passwords/password-policy.ts';
import type { Account } from './account-store.ts';
import { roleSchema } from './roles.ts';

/** What the sample accounts have, so that the examples of the documentation work. */
export const samplePassword = 'correct horse battery staple';

export const email = () => z.email('must be an address such as ada@example.com').max(254);
export const accountName = () => storableText(1, 100);

export const exampleAccount = {
  id: 1,
  email: 'demo-alice@example.com',
  name: 'Alice',
  roles: ['customer' as const],
  created_at: exampleInstant,
};

export const accountSchema = z
  .strictObject({
    id: z.int().min(1),
    email: z.string(),
    name: z.string().nullable(),
    roles: z.array(roleSchema),
    created_at: instant(),
  })
  .meta({ id: 'accounts.Account', example: exampleAccount });

/** Converts an account to the form that the API returns. */
export const toJson = ({ id, email, name, roles, createdAt }: Account): z.output<typeof accountSchema> => ({
  id,
  email,
  name,
  roles: [...roles],
  created_at: createdAt.toISOString(),
});

export const registrationSchema = z
  .strictObject({ email: email(), password: newPassword(), name: accountName().optional() })
  .meta({
    id: 'accounts.Registration',
    example: { email: 'ada@example.com', password: 'the analytical engine weaves', name: 'Ada' },
  });

export const credentialsSchema = z.strictObject({ email: email(), password: givenPassword() }).meta({
  id: 'accounts.Credentials',
  example: { email: exampleAccount.email, password: samplePassword },
});

export const accountNotFound = defineProblem({
  code: 'account_not_found',
  status: 404,
  title: 'There is no such account',
  explanation:
    'No account has this id. A caller whose id comes from a token of the settings or from `X-User-Id` need not have an account: register one with `POST /accounts`.',
});

export const weakPassword = defineProblem({
  code: 'weak_password',
  status: 422,
  title: 'The password is too easy to guess',
  explanation:
    '`reason` is `common` for one of the most common passwords, or `contains_address` for one that contains the email address. Choose another, such as a few unrelated words.',
  members: { reason: z.enum(['common', 'contains_address']) },
});

/** The refusal of a password, at its place in the body. */
export const weak = (reason: Weakness, pointer: string): ProblemError =>
  new ProblemError(weakPassword, {
    members: { reason },
    errors: [
      {
        pointer,
        detail: reason === 'common' ? 'is one of the most common passwords' : 'contains the email address',
      },
    ],
  });

export const lastAdmin = defineProblem({
  code: 'last_admin',
  status: 409,
  title: 'The last admin stays one',
  explanation: 'Nobody could give the role back. Make another account an admin first.',
});

export const invalidCredentials = defineProblem({
  code: 'invalid_credentials',
  status: 401,
  title: 'The address or the password is wrong',
  explanation:
    'No account has this address with this password. Check both, or reset the password with `POST /password-resets`.',
});

/** The same bytes for a wrong password and for an unknown address. */
export const wrongCredentials = (): ProblemError =>
  new ProblemError(invalidCredentials, { headers: { 'WWW-Authenticate': 'Bearer realm="ecommerce-lab"' } });
