import type { RouteContract } from '../route/contract.ts';

/** The development defaults of the settings, which the documentation of a demo shows. */
export const demoTokens = {
  shopper: 'demo-alice',
  otherShopper: 'demo-bob',
  operator: 'dev-admin-token',
} as const;

const schemes = {
  shopperToken: { type: 'http', scheme: 'bearer', description: 'The token of a shopper.' },
  shopperId: {
    type: 'apiKey',
    in: 'header',
    name: 'X-User-Id',
    description:
      'The id of a shopper, a positive integer. Accepted only where the server trusts it (`TRUST_USER_HEADER`).',
  },
  operatorToken: {
    type: 'apiKey',
    in: 'header',
    name: 'X-Admin-Token',
    description: 'The token of the operators.',
  },
} as const;

const inTheDemo = {
  shopperToken: `In the demo: \`${demoTokens.shopper}\` (user 1) or \`${demoTokens.otherShopper}\` (user 2).`,
  shopperId: 'In the demo: any, such as `1`. Either this or a bearer token identifies a shopper.',
  operatorToken: `In the demo: \`${demoTokens.operator}\`.`,
} as const;

const shopper = [{ shopperToken: [] }, { shopperId: [] }];
const operator = [{ operatorToken: [] }];
const security = { shopper, operator, either: [...shopper, ...operator] };

/** The security requirements of one operation. Any one of them is enough. */
export const securityOf = ({ caller }: RouteContract) => (caller ? security[caller] : []);

/** The security schemes that these contracts use. */
export const securitySchemesOf = (contracts: readonly RouteContract[], namesDemoTokens: boolean) => {
  const used = new Set(contracts.flatMap((each) => securityOf(each).flatMap((one) => Object.keys(one))));
  const described = Object.entries(schemes).map(([name, scheme]) => {
    const hint = inTheDemo[name as keyof typeof schemes];
    return [
      name,
      { ...scheme, description: namesDemoTokens ? `${scheme.description} ${hint}` : scheme.description },
    ] as const;
  });
  return Object.fromEntries(described.filter(([name]) => used.has(name)));
};
