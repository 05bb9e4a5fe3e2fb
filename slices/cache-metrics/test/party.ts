/** Takes part in a match of several, one step at a time. */
export interface Party {
  /** Where the party stops until its next step. */
  readonly gate: () => Promise<void>;
  /** Lets it go on. Resolves when it has stopped again, or has ended. */
  readonly step: () => Promise<void>;
}

/** A party that has not begun: its first step starts it. */
export const createParty = (act: (party: Party) => Promise<unknown>): Party => {
  let open: (() => void) | undefined;
  let hasStarted = false;
  let hasStopped = Promise.withResolvers<void>();
  const party: Party = {
    gate: () => {
      hasStopped.resolve();
      return new Promise((resolve) => {
        open = resolve;
      });
    },
    step: async () => {
      if (hasStarted && open === undefined) return;
      hasStopped = Promise.withResolvers<void>();
      const { promise } = hasStopped;
      if (hasStarted) {
        const goOn = open;
        open = undefined;
        goOn?.();
      } else {
        hasStarted = true;
        void act(party).finally(() => hasStopped.resolve());
      }
      await promise;
    },
  };
  return party;
};
