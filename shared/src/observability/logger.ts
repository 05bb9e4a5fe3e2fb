import { type DestinationStream, type Logger, pino, stdTimeFunctions } from 'pino';
import pretty from 'pino-pretty';

export interface LoggerOptions {
  readonly service: string;
  readonly level: string;
  /** In development on a terminal lines are readable; else they are JSON. */
  readonly environment?: string;
  /** Where lines go; standard output unless given. */
  readonly destination?: DestinationStream;
}

const secretNames = ['authorization', 'cookie', 'password', 'token', 'secret', 'card_number', 'cvc'];

interface LoggedError {
  readonly name: string;
  readonly message: string;
  readonly code?: unknown;
  readonly stack?: string | undefined;
  readonly cause?: LoggedError;
}

/** Fields known to be safe. Database drivers hang whole rows on their errors (`detail`, `parameters`). */
const describeError = (error: unknown): LoggedError => {
  if (!(error instanceof Error)) return { name: 'NonError', message: `thrown: ${typeof error}` };
  return {
    name: error.name,
    message: error.message,
    ...('code' in error && { code: error.code }),
    stack: error.stack,
    ...(error.cause !== undefined && { cause: describeError(error.cause) }),
  };
};

// Lines are written together, in the background: one system call for some dozen requests under load. What is
// lost when the process is killed is at most the last twentieth of a second; exits and crashes flush.
const standardOutput = (): DestinationStream =>
  pino.destination({ dest: 1, sync: true, minLength: 4096, periodicFlush: 50 });

/** JSON lines with time, level and service; what bears the name of a secret is replaced wherever it is logged. */
export const createLogger = ({ service, level, environment, destination }: LoggerOptions): Logger => {
  const isReadable = environment === 'development' && process.stdout.isTTY;
  const stream =
    destination ?? (isReadable ? pretty({ sync: true, ignore: 'pid,hostname,service' }) : standardOutput());
  const options = {
    level,
    base: { service },
    timestamp: stdTimeFunctions.isoTime,
    formatters: { level: (label: string) => ({ level: label }) },
    serializers: { err: describeError },
    redact: { paths: secretNames.flatMap((name) => [name, `*.${name}`]), censor: '[redacted]' },
  };
  return pino(options, stream);
};
