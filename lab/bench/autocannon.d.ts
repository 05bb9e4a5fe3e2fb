/** The part of autocannon that the load uses. The package has no types. */
declare module 'autocannon' {
  export interface Sent {
    readonly method: string;
    readonly path: string;
    readonly body?: string;
    readonly headers: Readonly<Record<string, string>>;
  }

  interface Options {
    readonly url: string;
    readonly connections: number;
    /** In seconds. Or set `amount` for a number of requests. */
    readonly duration?: number;
    readonly amount?: number;
    /** In milliseconds. */
    readonly sampleInt: number;
    readonly requests: readonly (Sent & {
      readonly setupRequest?: (request: Sent) => Sent;
      readonly onResponse?: (
        status: number,
        body: string,
        context: object,
        headers: Readonly<Record<string, string>>,
      ) => void;
    })[];
  }

  interface Instance extends PromiseLike<{ readonly errors: number; readonly timeouts: number }> {
    on(
      event: 'response',
      listener: (client: object, status: number, bytes: number, latencyMs: number) => void,
    ): void;
  }

  export default function autocannon(options: Options): Instance;
}
