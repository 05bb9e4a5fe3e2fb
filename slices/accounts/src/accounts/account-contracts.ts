import { defineProblem, defineRoute, rateLimited, serviceUnavailable } from '@lab/shared/http';
import { z } from 'zod';
import { opaqueToken, ownRoute, tag } from '../contract-parts.ts';
import { givenPassword, newPassword } from '../passwords/password-policy.ts';
import {
  accountName,
  accountNotFound,
  accountSchema,
  email,
  exampleAccount,
  invalidCredentials,
  lastAdmin,
  registrationSchema,
  samplePassword,
  weakPassword,
} from './account-schemas.ts';

export const invalidVerificationToken = defineProblem({
  code: 'invalid_verification_token',
  status: 400,
  title: 'The verification token is not valid',
  explanation: 'The token is unknown, used, or too old. Register again for another mail.',
});

export const invalidResetToken = defineProblem({
  code: 'invalid_reset_token',
  status: 400,
  title: 'The reset token is not valid',
  explanation:
    'The token is unknown, used, or older than an hour. Ask for another with `POST /password-resets`.',
});

const exampleToken = 'Zm9yIHRoZSBkb2N1bWVudGF0aW9uIG9ubHksIDMyIGI';
const whereTheTokenIs =
  'In development `GET /dev/mails` shows the mail. The token in the example is made up.';
const sent = z.strictObject({ status: z.literal('verification_sent') });

export const registerAccount = defineRoute({
  method: 'POST',
  path: '/accounts',
  name: 'registerAccount',
  summary: 'Register: a mail with a token goes to the address',
  description: 'The answer is the same for an address that has an account. Its owner gets another mail then.',
  tag,
  body: registrationSchema,
  responses: {
    202: { description: 'A mail is on its way', body: sent, example: { status: 'verification_sent' } },
  },
  problems: [weakPassword, rateLimited, serviceUnavailable],
});

export const verifyAccount = defineRoute({
  method: 'POST',
  path: '/accounts/verify',
  name: 'verifyAccount',
  summary: 'Confirm an address with the token of the mail',
  description: whereTheTokenIs,
  tag,
  body: z
    .strictObject({ token: opaqueToken() })
    .meta({ id: 'accounts.VerifyRequest', example: { token: exampleToken } }),
  responses: {
    200: {
      description: 'The account, which exists from now on',
      body: z.strictObject({ id: z.int().min(1), email: z.string() }),
      example: { id: 5, email: 'ada@example.com' },
    },
  },
  problems: [invalidVerificationToken, serviceUnavailable],
});

export const requestPasswordReset = defineRoute({
  method: 'POST',
  path: '/password-resets',
  name: 'requestPasswordReset',
  summary: 'Ask for a mail with a token to set a new password',
  tag,
  body: z
    .strictObject({ email: email() })
    .meta({ id: 'accounts.ResetRequest', example: { email: 'demo-bob@example.com' } }),
  responses: { 202: { description: 'If the address has an account, a mail is on its way' } },
  problems: [rateLimited, serviceUnavailable],
});

export const confirmPasswordReset = defineRoute({
  method: 'POST',
  path: '/password-resets/confirm',
  name: 'confirmPasswordReset',
  summary: 'Set a new password with the token of the mail, and end all sessions',
  description: whereTheTokenIs,
  tag,
  body: z
    .strictObject({ token: opaqueToken(), password: newPassword() })
    .meta({ id: 'accounts.ResetConfirmation', example: { token: exampleToken, password: samplePassword } }),
  responses: { 204: { description: 'The password is set' } },
  problems: [invalidResetToken, weakPassword, rateLimited, serviceUnavailable],
});

export const readAccount = defineRoute({
  ...ownRoute,
  method: 'GET',
  path: '/accounts/me',
  name: 'readAccount',
  summary: 'Read your account',
  responses: { 200: { description: 'Your account', body: accountSchema } },
  problems: [accountNotFound, serviceUnavailable],
});

export const changeAccount = defineRoute({
  ...ownRoute,
  method: 'PATCH',
  path: '/accounts/me',
  name: 'changeAccount',
  summary: 'Change your name',
  body: z
    .strictObject({ name: accountName().nullable().optional() })
    .meta({ id: 'accounts.AccountChange', example: { name: exampleAccount.name } }),
  responses: { 200: { description: 'Your account', body: accountSchema } },
  problems: [accountNotFound, serviceUnavailable],
});

export const changePassword = defineRoute({
  ...ownRoute,
  method: 'PUT',
  path: '/accounts/me/password',
  name: 'changePassword',
  summary: 'Change your password, and end every other session',
  body: z.strictObject({ current_password: givenPassword(), new_password: newPassword() }).meta({
    id: 'accounts.PasswordChange',
    example: { current_password: samplePassword, new_password: samplePassword },
  }),
  responses: { 204: { description: 'The password is changed' } },
  problems: [accountNotFound, invalidCredentials, weakPassword, rateLimited, serviceUnavailable],
});

export const deleteAccount = defineRoute({
  ...ownRoute,
  method: 'DELETE',
  path: '/accounts/me',
  name: 'deleteAccount',
  summary: 'Delete your account with its sessions, roles and addresses; orders stay',
  body: z
    .strictObject({ password: givenPassword() })
    .meta({ id: 'accounts.DeletionRequest', example: { password: samplePassword } }),
  responses: { 204: { description: 'The account and its personal data are gone' } },
  problems: [accountNotFound, invalidCredentials, lastAdmin, rateLimited, serviceUnavailable],
});
