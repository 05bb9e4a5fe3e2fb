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
  /** In development, lines on a terminal are formatted for reading. Otherwise they are JSON. */
  readonly environment?: string;
  /** Where lines go (default: standard output). */
  readonly destination?: DestinationStream;
}

/** The fields of a line, redacted. Its error is left to the serializer. */
const redactLine = (fields: Record<string, unknown>): Record<string, unknown> =>
  'err' in fields ? { ...redact(fields), err: fields.err } : redact(fields);

/** Redacts the bindings of child loggers up front, because pino's formatters do not see them. */
const redactBindings = (logger: Logger): Logger => {
  const child: (bindings: Bindings, options?: ChildLoggerOptions) => Logger = logger.child;
  return Object.assign(logger, {
    child(this: Logger, bindings: Bindings, options?: ChildLoggerOptions): Logger {
      return child.call(this, redact(bindings), options);
    },
  });
};

// Lines are written in batches in the background: under load, one system call for dozens of requests. If the process is
// killed, at most the last 50 ms are lost. Exits and crashes flush.
const standardOutput = (): DestinationStream =>
  pino.destination({ dest: 1, sync: true, minLength: 4096, periodicFlush: 50 });

/** Logs JSON lines with time, level and service. Fields with the name of a secret are redacted. */
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
