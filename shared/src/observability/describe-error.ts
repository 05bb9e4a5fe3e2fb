interface LoggedError {
  readonly name: string;
  readonly message: string;
  readonly code?: string | number;
  readonly stack?: string | undefined;
  readonly cause?: LoggedError;
}

// An error may be its own cause.
const mostCauses = 10;

const codeOf = (error: Error): string | number | undefined => {
  const code: unknown = Reflect.get(error, 'code');
  return typeof code === 'string' || typeof code === 'number' ? code : undefined;
};

/** Only fields known to be safe: database drivers attach whole rows to their errors (`detail`, `parameters`). */
export const describeError = (error: unknown, causes = mostCauses): LoggedError => {
  if (!(error instanceof Error)) return { name: 'NonError', message: `thrown: ${typeof error}` };
  const code = codeOf(error);
  return {
    name: error.name,
    message: error.message,
    ...(code !== undefined && { code }),
    stack: error.stack,
    ...(error.cause !== undefined && causes > 0 && { cause: describeError(error.cause, causes - 1) }),
  };
};
