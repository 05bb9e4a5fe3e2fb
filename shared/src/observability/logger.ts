import {
  type Bindings,
  type ChildLoggerOptions,
  type DestinationStream,
  type Logger,
  pino,
  stdTimeFunctions,
} from 'pino';
import pretty from 'pino-pretty';
import { describeError } from './describe-error.ts';
import { redact } from './redact.ts';

export interface LoggerOptions {
  readonly service: string;
  readonly level: string;
  /** In development on a terminal lines are readable; else they are JSON. */
  readonly environment?: string;
  /** Where lines go; standard output unless given. */
  readonly destination?: DestinationStream;
}

/** One line's fields, redacted. The error of the line is left to its serializer. */
const redactLine = (fields: Record<string, unknown>): Record<string, unknown> =>
  'err' in fields ? { ...redact(fields), err: fields.err } : redact(fields);

/** pino has no formatter for what children are bound to, so that it is redacted before pino sees it. */
const redactBindings = (logger: Logger): Logger => {
  const child: (bindings: Bindings, options?: ChildLoggerOptions) => Logger = logger.child;
  return Object.assign(logger, {
    child(this: Logger, bindings: Bindings, options?: ChildLoggerOptions): Logger {
      return child.call(this, redact(bindings), options);
    },
  });
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
    formatters: { level: (label: string) => ({ level: label }), log: redactLine },
    serializers: { err: (error: unknown) => describeError(error) },
  };
  return redactBindings(pino(options, stream));
};
