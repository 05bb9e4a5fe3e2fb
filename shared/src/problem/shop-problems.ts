import { z } from 'zod';
import { defineProblem } from './problem.ts';

// Codes that more than one slice raises. All other codes stand next to the code that raises them.

export const unknownSku = defineProblem({
  code: 'unknown_sku',
  status: 404,
  title: 'The shop does not know this SKU',
  explanation:
    'No product with this SKU is for sale. `GET /cart/prices` and `GET /stock` list SKUs, where the server has these routes.',
});

export const versionConflict = defineProblem({
  code: 'version_conflict',
  status: 409,
  title: 'The resource has changed since you read it',
  explanation: 'Read it again, review what changed, and send the request with the current version.',
  members: { current_version: z.int().meta({ example: 3 }) },
});

export const addressNotFound = defineProblem({
  code: 'address_not_found',
  status: 404,
  title: 'You have no such address',
  explanation: '`GET /accounts/me/addresses` lists your addresses, where the server has accounts.',
});

export const unknownPromo = defineProblem({
  code: 'unknown_promo',
  status: 404,
  title: 'No promo code has this name',
  explanation: 'Check the spelling, including capital letters. Each attempt counts, so guessing takes long.',
});

export const rateLimited = defineProblem({
  code: 'rate_limited',
  status: 429,
  title: 'Too many requests',
  explanation:
    'The limit for this kind of request is used up, and this request did nothing. Send it again after the number of seconds in `Retry-After`.',
});
