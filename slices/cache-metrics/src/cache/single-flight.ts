export interface SingleFlightOptions {
  /** Longest age of a running load that others still wait for, in milliseconds. A later caller starts another one. */
  readonly joinMs: number;
}

/** Whether a load still speaks for its key: it was not disowned, and no later load has taken its place. */
export type IsOwned = () => boolean;

interface Flight<Result> {
  readonly startedAtMs: number;
  readonly landing: Promise<Result>;
}

/** Lets one load run for each key, and everyone who asks meanwhile waits for it. */
export const createSingleFlight = <Result>(
  { nowMs }: { readonly nowMs: () => number },
  { joinMs }: SingleFlightOptions,
) => {
  const flights = new Map<string, Flight<Result>>();

  const takeOff = (key: string, load: (isOwned: IsOwned) => Promise<Result>): Promise<Result> => {
    const isOwned = (): boolean => flights.get(key) === flight;
    const land = async (): Promise<Result> => {
      try {
        return await load(isOwned);
      } finally {
        if (isOwned()) flights.delete(key);
      }
    };
    // Starts after `flight` is in its place.
    const flight: Flight<Result> = { startedAtMs: nowMs(), landing: Promise.resolve().then(land) };
    flights.set(key, flight);
    return flight.landing;
  };

  return {
    /** Joins the load of this key, or starts it. */
    run: (key: string, load: (isOwned: IsOwned) => Promise<Result>): Promise<Result> => {
      const running = flights.get(key);
      const isRecent = running !== undefined && nowMs() - running.startedAtMs <= joinMs;
      return isRecent ? running.landing : takeOff(key, load);
    },

    /** From now on, nobody joins the running load of this key, or without a key any running load. */
    disown: (key: string | undefined): void => {
      if (key === undefined) flights.clear();
      else flights.delete(key);
    },
  };
};
