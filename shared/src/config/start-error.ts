/** A failure to start that one line explains: launchers print it without a stack trace. */
export class StartError extends Error {
  override readonly name = 'StartError';
}
