/** Settings that all servers of a comparison share. */
export const productionSettings = {
  APP_ENV: 'production',
  CORS_ORIGINS: 'https://shop.example',
  AUTH_TOKENS: 'token-of-a-shopper-for-the-benchmark-only=1',
  ADMIN_TOKEN: 'token-of-an-operator-for-the-benchmark-only',
  CURSOR_SECRET: 'cursor-secret-of-the-benchmark-and-of-nothing-else',
  // All load comes from one address. The limit is checked for each request, and refuses none.
  GENERAL_BUCKET_CAPACITY: '1000000',
  GENERAL_REFILL_PER_SECOND: '1000000',
};
