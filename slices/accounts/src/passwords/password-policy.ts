import { readFileSync } from 'node:fs';
import { z } from 'zod';

const passwordLimits = { least: 12, most: 128 } as const;

const fold = (text: string): string => text.normalize('NFC').toLowerCase();

const readCommonPasswords = (): ReadonlySet<string> =>
  new Set(
    readFileSync(new URL('common-passwords.txt', import.meta.url), 'utf8')
      .split('\n')
      .filter((line) => line !== '' && !line.startsWith('#')),
  );

export type Weakness = 'common' | 'contains_address';

/** Why a password is refused, whatever its length; undefined if it is not. The list is read once, at the start. */
export const createPasswordPolicy = (common: ReadonlySet<string> = readCommonPasswords()) => ({
  weaknessOf: (password: string, email: string): Weakness | undefined => {
    const folded = fold(password);
    if (common.has(folded)) return 'common';
    return folded.includes(fold(email)) ? 'contains_address' : undefined;
  },
});

export type PasswordPolicy = ReturnType<typeof createPasswordPolicy>;

const normalized = (least: number, detail: string) =>
  z
    .string()
    // Before it is counted: an é of one code point and an é of two are the same letter (NIST SP 800-63B, 3.1.1.2).
    .overwrite((text) => text.normalize('NFC'))
    .refine((text) => {
      const { length } = Array.from(text);
      return length >= least && length <= passwordLimits.most && text.isWellFormed();
    }, detail)
    .meta({ minLength: least, maxLength: passwordLimits.most });

/** A password that is to be set: any characters, counted in code points. */
export const newPassword = () =>
  normalized(
    passwordLimits.least,
    `must have ${passwordLimits.least} to ${passwordLimits.most} characters of well-formed Unicode`,
  );

/** A password that is to be compared. */
export const givenPassword = () => normalized(1, `must have 1 to ${passwordLimits.most} characters`);
