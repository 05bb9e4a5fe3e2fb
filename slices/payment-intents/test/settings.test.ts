import { loadSettings, SettingsError } from '@lab/shared/config';
import { expect, it } from 'vitest';
import { paymentIntentsSettings } from '../src/config.ts';

const SECRET = 'whsec_of_more_than_thirty_two_characters';

const faultsOf = (env: NodeJS.ProcessEnv): readonly string[] => {
  try {
    loadSettings(paymentIntentsSettings, { directory: '/var/empty', env: { APP_ENV: 'production', ...env } });
    return [];
  } catch (error) {
    if (!(error instanceof SettingsError)) throw error;
    return error.faults.filter((fault) => /^(STRIPE|PAYMENT)/.test(fault));
  }
};

it('sends whoever has no right secret of the provider to its dashboard', () => {
  expect(faultsOf({ STRIPE_SECRET_KEY: 'sk_test_short', PAYMENT_WEBHOOK_SECRETS: SECRET })).toEqual([
    'STRIPE_SECRET_KEY: must have at least 32 characters in production; copy a secret key of your account from the dashboard of Stripe',
  ]);
  const development = {
    STRIPE_SECRET_KEY: 'sk_test_smallprovider',
    PAYMENT_WEBHOOK_SECRETS: `${SECRET},whsec_x`,
  };
  expect(faultsOf(development)).toEqual([
    expect.stringMatching(/^STRIPE_SECRET_KEY: is a development secret, .* dashboard of Stripe$/),
    expect.stringMatching(
      /^PAYMENT_WEBHOOK_SECRETS: each .* your webhook endpoint from the dashboard of Stripe$/,
    ),
  ]);
});
