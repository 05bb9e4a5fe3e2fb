import {
  type ContractRouter,
  createRouter,
  defineProblem,
  defineRoute,
  ProblemError,
  route,
  serviceUnavailable,
  storableText,
  type Tag,
} from '@lab/shared/http';
import { z } from 'zod';
import type { Note, NoteStore } from './note-store.ts';

export interface PaymentIntentsDeps {
  readonly notes: NoteStore;
}

export const tag: Tag = {
  name: 'payment-intents',
  description:
    'Stores a note once, however often the request is sent. The client chooses the id, and every attempt is answered with the same note.',
};

const idTaken = defineProblem({
  code: 'payment_intents_id_taken',
  status: 409,
  title: 'The id belongs to another note',
  explanation: 'A note with this id has other content. Send a new note under a new id.',
});

const exampleNote = {
  id: '019a0000-0000-7000-8000-000000000001',
  content: 'Water the plants',
  created_at: '2026-11-20T12:00:00.000Z',
};

const id = storableText(1, 64).meta({ description: 'Chosen by the client: a UUID', example: exampleNote.id });
const content = storableText(1, 280);

const noteSchema = z
  .strictObject({ id, content, created_at: z.iso.datetime({ precision: 3 }) })
  .meta({ id: 'payment-intents.Note', example: exampleNote });

/** A note as it stands on the wire. */
const toJson = ({ id, content, createdAt }: Note): z.output<typeof noteSchema> => ({
  id,
  content,
  created_at: createdAt.toISOString(),
});

const putNote = defineRoute({
  method: 'PUT',
  path: '/payment-intents/:id',
  name: 'paymentIntentsPutNote',
  summary: 'Store a note under an id of your own, once however often the request is sent',
  tag,
  params: z.strictObject({ id }),
  body: z
    .strictObject({ content })
    .meta({ id: 'payment-intents.NewNote', example: { content: exampleNote.content } }),
  responses: {
    200: { description: 'The note, stored by this request or by an earlier attempt', body: noteSchema },
  },
  problems: [idTaken, serviceUnavailable],
});

/** The routes of payment-intents. */
export const createPaymentIntentsRouter = ({ notes }: PaymentIntentsDeps): ContractRouter =>
  createRouter([
    route(putNote).handle(async ({ params, body }) => {
      const outcome = await notes.put({ id: params.id, content: body.content });
      if (outcome.state === 'taken') throw new ProblemError(idTaken);
      return { status: 200, body: toJson(outcome.note) };
    }),
  ]);
