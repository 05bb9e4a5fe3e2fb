import { type Deliver, MailRefusedError } from '@lab/accounts';
import { createRetryBudget, type Policy, reliable, systemClock } from '@lab/reliability-audit';

const isWorthRepeating = (outcome: object): boolean =>
  'error' in outcome && !(outcome.error instanceof MailRefusedError);

/**
 * Delivers mails in several attempts. A mail server that restarts is back within the deadline, and what it refuses for
 * good is sent once. There is no circuit breaker: a mail that is refused at once would be lost, and how many mails are
 * under way is bounded anyway. A mail can arrive twice if the connection breaks after it was taken; its Message-ID is
 * the same then.
 */
export const createReliableDelivery = (
  changes: Partial<Policy<void>> = {},
): ((deliver: Deliver) => Deliver) => {
  const policy: Policy<void> = {
    deadlineMs: 30_000,
    // Longer than each wait of the SMTP client, which ends attempts by itself.
    attemptTimeoutMs: 20_000,
    maxAttempts: 5,
    baseMs: 500,
    capMs: 4000,
    retryAfterMs: (outcome) => (isWorthRepeating(outcome) ? 0 : undefined),
    budget: createRetryBudget(systemClock),
    ...changes,
  };
  return (deliver) => (letter) => reliable(() => deliver(letter), policy);
};
