import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['{shared,testing,slices/*,combined-demo,test}/**/*.test.ts'],
    globalSetup: ['testing/src/databases/postgres-setup.ts'],
  },
});
