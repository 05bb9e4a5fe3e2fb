/** Settings that all servers of a comparison share. */
export const productionSettings = {
  APP_ENV: 'production',
  CORS_ORIGINS: 'https://shop.example',
  AUTH_TOKENS: 'token-of-a-shopper-for-the-benchmark-only=1',
  ADMIN_TOKEN: 'token-of-an-operator-for-the-benchmark-only',
  CURSOR_SECRET: 'cursor-secret-of-the-benchmark-and-of-nothing-else',
  // Nothing is paid, and nobody is asked.
  STRIPE_SECRET_KEY: 'sk_test_of_the_benchmark_and_of_nothing_else',
  PAYMENT_WEBHOOK_SECRETS: 'webhook-secret-of-the-benchmark-and-of-nothing-else',
  PAYMENT_PROVIDER_URL: 'http://127.0.0.1:9',
  // All load comes from one address. The limit is checked for each request, and refuses none.
  GENERAL_BUCKET_CAPACITY: '1000000',
  GENERAL_REFILL_PER_SECOND: '1000000',
};
