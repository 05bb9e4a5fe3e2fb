import {
  addressNotFound,
  type Callers,
  type ContractRouter,
  createRouter,
  defineProblem,
  defineRoute,
  ProblemError,
  route,
  serviceUnavailable,
  storableText,
} from '@lab/shared/http';
import { z } from 'zod';
import { exampleId, ownRoute } from '../contract-parts.ts';
import { accountNotFound } from './account-schemas.ts';
import type { Address, AddressStore } from './address-store.ts';

const tooManyAddresses = defineProblem({
  code: 'too_many_addresses',
  status: 409,
  title: 'You have 20 addresses already',
  explanation: 'Delete one before you add another.',
});

const fields = {
  name: storableText(1, 100),
  line1: storableText(1, 200),
  line2: storableText(1, 200),
  postal_code: storableText(1, 20),
  city: storableText(1, 100),
  country: z
    .string()
    .regex(/^[A-Z]{2}$/, 'must be two capital letters (ISO 3166-1 alpha-2)')
    .meta({ example: 'GB' }),
  phone: storableText(1, 40),
};

const exampleFields = {
  name: 'Alice Example',
  line1: '12 St James Square',
  postal_code: 'SW1Y 4JH',
  city: 'London',
  country: 'GB',
};

const newAddress = z
  .strictObject({ ...fields, line2: fields.line2.optional(), phone: fields.phone.optional() })
  .meta({ id: 'accounts.NewAddress', example: exampleFields });

const addressSchema = z
  .strictObject({ id: z.string(), ...newAddress.shape })
  .meta({ id: 'accounts.Address', example: { id: exampleId, ...exampleFields } });

const addressChange = z
  .strictObject({
    ...z.object(fields).partial().shape,
    line2: fields.line2.nullable().optional(),
    phone: fields.phone.nullable().optional(),
  })
  .meta({ id: 'accounts.AddressChange', example: { city: 'Oxford' } });

const toJson = ({ line2, phone, ...address }: Address): z.output<typeof addressSchema> => ({
  ...address,
  ...(line2 !== null && { line2 }),
  ...(phone !== null && { phone }),
});

const params = z.strictObject({ id: storableText(1, 64).meta({ example: exampleId }) });
const description = 'Use an id of `GET /accounts/me/addresses`: the one in the example is made up.';

const listAddresses = defineRoute({
  ...ownRoute,
  method: 'GET',
  path: '/accounts/me/addresses',
  name: 'listAddresses',
  summary: 'List your addresses',
  responses: {
    200: { description: 'All of them', body: z.strictObject({ items: z.array(addressSchema) }) },
  },
  problems: [serviceUnavailable],
});

const addAddress = defineRoute({
  ...ownRoute,
  method: 'POST',
  path: '/accounts/me/addresses',
  name: 'addAddress',
  summary: 'Add an address',
  body: newAddress,
  responses: {
    201: { description: 'The new address', body: addressSchema, headers: { Location: 'Path of the list' } },
  },
  problems: [accountNotFound, tooManyAddresses, serviceUnavailable],
});

const changeAddress = defineRoute({
  ...ownRoute,
  method: 'PATCH',
  path: '/accounts/me/addresses/:id',
  name: 'changeAddress',
  summary: 'Change an address; null clears an optional part',
  description,
  params,
  body: addressChange,
  responses: { 200: { description: 'The address', body: addressSchema } },
  problems: [addressNotFound, serviceUnavailable],
});

const removeAddress = defineRoute({
  ...ownRoute,
  method: 'DELETE',
  path: '/accounts/me/addresses/:id',
  name: 'removeAddress',
  summary: 'Delete an address',
  description,
  params,
  responses: { 204: { description: 'It is gone' } },
  problems: [addressNotFound, serviceUnavailable],
});

interface Deps {
  readonly addresses: AddressStore;
  readonly callers: Callers;
}

/** The routes of the caller's addresses. */
export const createAddressRouter = ({ addresses, callers }: Deps): ContractRouter =>
  createRouter(
    [
      route(listAddresses).handle(async ({ caller }) => {
        const items = await addresses.list(caller.userId);
        return { status: 200, body: { items: items.map(toJson) } };
      }),
      route(addAddress).handle(async ({ caller, body, baseUrl }) => {
        const { line2 = null, phone = null, ...rest } = body;
        const added = await addresses.add(caller.userId, { ...rest, line2, phone });
        if (added === 'no_account') throw new ProblemError(accountNotFound);
        if (added === 'full') throw new ProblemError(tooManyAddresses);
        const headers = { Location: `${baseUrl}/accounts/me/addresses` };
        return { status: 201, headers, body: toJson(added) };
      }),
      route(changeAddress).handle(async ({ caller, params, body }) => {
        const changed = await addresses.change(caller.userId, params.id, body);
        if (!changed) throw new ProblemError(addressNotFound);
        return { status: 200, body: toJson(changed) };
      }),
      route(removeAddress).handle(async ({ caller, params }) => {
        if (await addresses.remove(caller.userId, params.id)) return { status: 204 };
        throw new ProblemError(addressNotFound);
      }),
    ],
    { callers },
  );
