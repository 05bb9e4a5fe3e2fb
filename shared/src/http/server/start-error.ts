/** A failure that one line explains; a launcher prints it without a stack. */
export class StartError extends Error {
  override readonly name = 'StartError';
}
