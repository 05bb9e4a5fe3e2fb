import { defineProblem, ProblemError } from '@lab/shared/http';
import type { RequestHandler } from 'express';
import type { FlagPort } from './flags.ts';

export const switchedOff = defineProblem({
  code: 'switched_off',
  status: 503,
  title: 'This feature is switched off',
  explanation:
    'Operators have switched it off for now, for everyone or for this caller. Nothing was done. Send the request again later.',
});

const RETRY_AFTER_SECONDS = '60';

/**
 * A kill switch: lets requests through while a flag is on for their caller, and answers 503 `switched_off` while it is
 * not. Put it around routes with `guard(router, onlyWhile(flags, 'promo_codes'), { problems: [switchedOff] })`. The file
 * must have the flag: one that is missing is off.
 */
export const onlyWhile =
  (flags: FlagPort, key: string): RequestHandler =>
  async (req, _res, next) => {
    const user = req.caller?.role === 'shopper' ? req.caller.userId : undefined;
    if (!(await flags.isOn(key, user)))
      throw new ProblemError(switchedOff, { headers: { 'Retry-After': RETRY_AFTER_SECONDS } });
    next();
  };
