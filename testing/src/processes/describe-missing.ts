import { describe, it } from 'vitest';

/** A suite that cannot run here. On a developer's machine it is skipped with the reason; in CI it fails. */
export const describeMissing = (name: string, reason: string): void => {
  describe(name, () => {
    if (process.env.CI) {
      it('can run here', () => {
        throw new Error(reason);
      });
      return;
    }
    it.skip(`skipped: ${reason}`, () => undefined);
  });
};
