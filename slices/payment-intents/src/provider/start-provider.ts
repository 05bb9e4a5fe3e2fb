import { DEVELOPMENT_KEY, type PaymentSettings } from '../config.ts';
import { startSmallProvider } from '../small-provider/small-provider.ts';
import type { Provider } from './provider.ts';
import { createProviderPolicy } from './provider-policy.ts';
import { createStripeProvider } from './stripe-provider.ts';

interface ProviderServer {
  readonly settings: PaymentSettings & { readonly PORT: number };
  readonly resources: AsyncDisposableStack;
  readonly details: Record<string, string>;
}

/** The URL of a small provider that is started here, and sends its events to this server. */
const startOwn = async ({ settings, resources }: ProviderServer): Promise<string> => {
  const { PORT: port, PAYMENT_WEBHOOK_SECRETS: secrets } = settings;
  const small = await startSmallProvider({
    databaseUrl:
      settings.PAYMENT_PROVIDER_DATABASE ??
      (port === 0 ? 'sqlite::memory:' : 'sqlite:data/small-provider.db'),
    port: settings.PAYMENT_PROVIDER_PORT ?? (port === 0 ? 0 : port + 100),
    webhookSecret: secrets[0] ?? '',
    // A server on any free port learns its port too late. Its reconciler asks instead.
    webhookUrl: port === 0 ? undefined : `http://127.0.0.1:${port}/webhooks/payments`,
  });
  resources.defer(small.close);
  return small.url;
};

/** The provider of the settings: Stripe, a server that speaks like it, or the small provider, which is started then. */
export const startProvider = async (server: ProviderServer): Promise<Provider> => {
  const { settings, details } = server;
  const isSmall = settings.STRIPE_SECRET_KEY === DEVELOPMENT_KEY;
  const url = settings.PAYMENT_PROVIDER_URL ?? (isSmall ? await startOwn(server) : 'https://api.stripe.com');
  details.provider = url;
  const attemptTimeoutMs = settings.PAYMENT_ATTEMPT_TIMEOUT_MS;
  const policy = createProviderPolicy({ attemptTimeoutMs, deadlineMs: settings.PAYMENT_DEADLINE_MS });
  return createStripeProvider({ url, secretKey: settings.STRIPE_SECRET_KEY, attemptTimeoutMs }, policy);
};
