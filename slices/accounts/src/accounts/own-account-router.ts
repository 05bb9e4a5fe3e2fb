import type { Executor } from '@lab/shared/database';
import {
  type Callers,
  type ContractRouter,
  contextOf,
  createRouter,
  ProblemError,
  route,
} from '@lab/shared/http';
import type { Attempts } from '../attempts/attempts.ts';
import { type Mailer, passwordChangedMail } from '../mail/mailer.ts';
import { answerFullQueue } from '../passwords/full-queue.ts';
import type { AccountTables } from '../tables.ts';
import { changeAccount, changePassword, deleteAccount, readAccount } from './account-contracts.ts';
import { accountNotFound, lastAdmin, toJson, weak, wrongCredentials } from './account-schemas.ts';
import { createAccountStore } from './account-store.ts';
import type { OwnAccount } from './own-account.ts';

export interface OwnAccountRouterDeps {
  readonly db: Executor<AccountTables>;
  readonly own: OwnAccount;
  readonly attempts: Attempts;
  readonly mailer: Mailer;
  readonly callers: Callers;
  readonly now: () => Date;
}

/** The routes of the caller's own account. */
export const createOwnAccountRouter = (deps: OwnAccountRouterDeps): ContractRouter => {
  const { own, attempts, mailer, callers } = deps;
  const accounts = createAccountStore(deps.db, deps);

  const show = async (id: number) => {
    const account = await accounts.find(id);
    if (!account) throw new ProblemError(accountNotFound);
    return { status: 200, body: toJson(account) } as const;
  };

  /** Work with a password, throttled like a login to this account. */
  const withPassword = async <Outcome extends { readonly state: string }>(
    { ip, userId }: { readonly ip: string | undefined; readonly userId: number },
    work: () => Promise<Outcome>,
  ): Promise<Outcome> => {
    const giveBack = await attempts.take(ip, `account ${userId}`);
    const outcome = await answerFullQueue(work(), giveBack);
    if (outcome.state === 'unknown') throw new ProblemError(accountNotFound);
    if (outcome.state === 'wrong_password') throw wrongCredentials();
    await giveBack();
    return outcome;
  };

  const read = route(readAccount).handle(({ caller }) => show(caller.userId));

  const change = route(changeAccount).handle(async ({ caller, body }) => {
    if (body.name !== undefined) await accounts.rename(caller.userId, body.name);
    return show(caller.userId);
  });

  const changeOwnPassword = route(changePassword).handle(async (req, res) => {
    const { userId, sessionId: keepSession } = req.caller;
    const { current_password: current, new_password: next } = req.body;
    const outcome = await withPassword({ ip: req.ip, userId }, () =>
      own.changePassword(userId, { current, next, keepSession }, contextOf(req, res).signal),
    );
    if (outcome.state === 'weak') throw weak(outcome.reason, '#/new_password');
    if (outcome.state === 'changed') await mailer.send(passwordChangedMail(outcome.email));
    return { status: 204 };
  });

  const remove = route(deleteAccount).handle(async (req, res) => {
    const { userId } = req.caller;
    const outcome = await withPassword({ ip: req.ip, userId }, () =>
      own.remove(userId, req.body.password, contextOf(req, res).signal),
    );
    if (outcome.state === 'last_admin') throw new ProblemError(lastAdmin);
    return { status: 204 };
  });

  return createRouter([changeOwnPassword, read, change, remove], { callers });
};
