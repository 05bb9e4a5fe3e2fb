/** A message to the owner of an address. */
export interface Mail {
  readonly to: string;
  readonly subject: string;
  readonly text: string;
  /** The token that the text has, for the list of mails in development. */
  readonly token?: string;
}

/** Hands mails over for delivery. */
export interface Mailer {
  /**
   * Resolves when the mail is handed over, which must not depend on how fast the mail server is: an answer that waits
   * for it would tell whether an address is known.
   */
  readonly send: (mail: Mail) => Promise<void>;
}

const closing = 'If this was not you, ignore this message: nothing changes without the token above.';

export const verificationMail = (to: string, token: string): Mail => ({
  to,
  token,
  subject: 'Confirm your address',
  text: `Welcome! Your verification token, good for a limited time and for one use:\n\n${token}\n\nSend it to POST /accounts/verify. The password is the one that this registration was sent with.\n${closing}`,
});

export const alreadyRegisteredMail = (to: string): Mail => ({
  to,
  subject: 'You already have an account',
  text: 'Someone, perhaps you, tried to register with this address. It has an account already: log in, or reset the password with POST /password-resets. Nothing has changed.',
});

export const resetMail = (to: string, token: string): Mail => ({
  to,
  token,
  subject: 'Reset your password',
  text: `Your token to set a new password, good for one hour and for one use:\n\n${token}\n\nSend it to POST /password-resets/confirm with the new password. That ends all sessions.\n${closing}`,
});

export const passwordChangedMail = (to: string): Mail => ({
  to,
  subject: 'Your password was changed',
  text: 'The password of your account was changed, and other sessions have ended. If this was not you, reset the password at once with POST /password-resets.',
});

/** For a server without a mail server: reports each mail, without its text, and sends none. */
export const createNoMailer = (onLost: (subject: string) => void): Mailer => ({
  send: async ({ subject }) => onLost(subject),
});
