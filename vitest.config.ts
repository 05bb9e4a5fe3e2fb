import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['{shared,slices/*,combined-demo,test}/**/*.test.ts'],
    globalSetup: ['shared/src/testing/postgres-setup.ts'],
  },
});
