import type { Executor } from '@lab/shared/database';
import type { Accounts } from './accounts.ts';
import { seedAccounts } from './sample-accounts.ts';
import { startAccountSweeper } from './sweeper.ts';
import type { AccountsTables } from './tables.ts';

interface Starting {
  readonly db: Executor<AccountsTables>;
  readonly settings: { readonly SEED_ACCOUNTS: boolean; readonly ACCOUNT_SWEEP_INTERVAL_MS: number };
  readonly logger: { readonly error: (fields: object, message: string) => void };
  readonly resources: AsyncDisposableStack;
  readonly now: () => Date;
}

/** What a server with accounts does before it listens: keys, sample accounts, and the sweeping of what has expired. */
export const startAccounts = async (
  { prepare, hasher }: Pick<Accounts, 'prepare' | 'hasher'>,
  { db, settings, logger, resources, now }: Starting,
): Promise<void> => {
  await prepare();
  if (settings.SEED_ACCOUNTS) await seedAccounts(db, { hasher, now });
  const onError = (error: unknown) =>
    logger.error({ err: error }, 'could not delete expired sessions and tokens');
  const sweeper = startAccountSweeper(
    { db, now, onError },
    { intervalMs: settings.ACCOUNT_SWEEP_INTERVAL_MS },
  );
  resources.defer(() => sweeper.stop());
};
