import { type ContractRouter, contextOf, createRouter, ProblemError, route } from '@lab/shared/http';
import {
  confirmPasswordReset,
  invalidResetToken,
  invalidVerificationToken,
  registerAccount,
  requestPasswordReset,
  verifyAccount,
} from '../accounts/account-contracts.ts';
import { weak } from '../accounts/account-schemas.ts';
import type { Attempts } from '../attempts/attempts.ts';
import { answerFullQueue } from '../passwords/full-queue.ts';
import type { RegistrationFlow } from './registration.ts';

export interface RegistrationRouterDeps {
  readonly registration: RegistrationFlow;
  readonly attempts: Attempts;
}

/** The routes that anyone may call to get an account, or to get back into it. */
export const createRegistrationRouter = ({
  registration,
  attempts,
}: RegistrationRouterDeps): ContractRouter => {
  const register = route(registerAccount).handle(async (req, res) => {
    await attempts.takeClient(req.ip);
    const { name = null, ...rest } = req.body;
    const registering = registration.register({ ...rest, name }, contextOf(req, res).signal);
    const outcome = await answerFullQueue(registering);
    if (outcome.state === 'weak') throw weak(outcome.reason, '#/password');
    return { status: 202, body: { status: 'verification_sent' } };
  });

  const verify = route(verifyAccount).handle(async ({ body }) => {
    const account = await registration.verify(body.token);
    if (!account) throw new ProblemError(invalidVerificationToken);
    return { status: 200, body: account };
  });

  const request = route(requestPasswordReset).handle(async ({ ip, body }) => {
    await attempts.takeClient(ip);
    await registration.requestReset(body.email);
    return { status: 202 };
  });

  const confirm = route(confirmPasswordReset).handle(async (req, res) => {
    await attempts.takeClient(req.ip);
    const { token, password } = req.body;
    const confirming = registration.confirmReset(token, password, contextOf(req, res).signal);
    const outcome = await answerFullQueue(confirming);
    if (outcome.state === 'weak') throw weak(outcome.reason, '#/password');
    if (outcome.state === 'invalid_token') throw new ProblemError(invalidResetToken);
    return { status: 204 };
  });

  return createRouter([register, verify, request, confirm]);
};
