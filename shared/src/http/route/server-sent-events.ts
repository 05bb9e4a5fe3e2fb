import type { ServerResponse } from 'node:http';

/** One event of a `text/event-stream` (HTML Standard, section 9.2). */
export interface ServerSentEvent {
  /** Sent as JSON. */
  readonly data: unknown;
  readonly event?: string;
  /** What a client that reconnects sends as `Last-Event-ID`. */
  readonly id?: string;
}

const oneLine = (text: string): string => {
  if (/[\r\n\0]/.test(text)) throw new RangeError('the name and the id of an event must each be one line');
  return text;
};

/** An event as it is sent. JSON has no raw line breaks, so `data` is always one line. */
export const formatEvent = ({ data, event, id }: ServerSentEvent): string => {
  const lines = [
    ...(event === undefined ? [] : [`event: ${oneLine(event)}`]),
    ...(id === undefined ? [] : [`id: ${oneLine(id)}`]),
    `data: ${JSON.stringify(data)}`,
  ];
  return `${lines.join('\n')}\n\n`;
};

export const eventStreamType = 'text/event-stream; charset=utf-8';

/** Whether an answer that has begun is a stream of events. */
export const isEventStream = (res: ServerResponse): boolean =>
  String(res.getHeader('Content-Type')).startsWith('text/event-stream');
