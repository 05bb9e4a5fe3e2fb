/** Settings that all servers of a comparison share. */
export const productionSettings = {
  APP_ENV: 'production',
  CORS_ORIGINS: 'https://shop.example',
  AUTH_TOKENS: 'token-of-a-shopper-for-the-benchmark-only=1',
  ADMIN_TOKEN: 'token-of-an-operator-for-the-benchmark-only',
  CURSOR_SECRET: 'cursor-secret-of-the-benchmark-and-of-nothing-else',
};
