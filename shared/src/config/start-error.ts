/** A failure to start that one line explains. Launchers print it without a stack trace. */
export class StartError extends Error {
  override readonly name: string = 'StartError';
}
