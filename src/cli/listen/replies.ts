/** Answers as the servers give them whose protocol a request speaks. */

import type { Content, Protocol } from '../events/bodies.js';
import type { Answer } from './answers.js';

/** A complete answer. */
export interface Reply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** What each protocol's server answers when all is well; the script may say another 2xx. */
const successStatus: Readonly<Record<Protocol, number>> = {
  events: 200,
  loki: 204,
  otlp: 200,
  'splunk-hec': 200,
  elasticsearch: 200,
};

/** The reply to events that are taken, or that the script of answers refuses. `answer`: none means success. */
export function replyTo(content: Content, answer: Answer | undefined): Reply {
  const status = answer?.status ?? successStatus[content.protocol];
  const body = status < 300 ? successBody(content) : failureBody(content.protocol, status);
  const retryAfter = answer?.retryAfter;
  return json(status, body, retryAfter === undefined ? {} : { 'retry-after': String(retryAfter) });
}

/** The reply to a request that is wrong, with the reason for whoever reads it on the other side. */
export function refusal(status: number, reason: string, headers: Record<string, string> = {}): Reply {
  return json(status, { error: reason }, headers);
}

function json(status: number, body: object | undefined, headers: Record<string, string>): Reply {
  if (body === undefined || status === 204 || status === 304) return { status, headers, body: '' };
  return {
    status,
    headers: { 'content-type': 'application/json', ...headers },
    body: `${JSON.stringify(body)}\n`,
  };
}

function successBody({ protocol, actions }: Content): object | undefined {
  switch (protocol) {
    case 'splunk-hec':
      return { text: 'Success', code: 0 };
    case 'otlp':
      return {};
    case 'elasticsearch':
      return {
        took: 1,
        errors: false,
        items: actions.map(({ kind, parameters }, index) => ({
          [kind]: {
            _index: parameters._index ?? 'listen',
            _id: parameters._id ?? String(index),
            result: kind === 'create' || kind === 'index' ? 'created' : `${kind}d`,
            status: kind === 'create' || kind === 'index' ? 201 : 200,
          },
        })),
      };
    default:
      return undefined;
  }
}

function failureBody(protocol: Protocol, status: number): object {
  const reason = `Status ${status}, as told by --answer`;
  switch (protocol) {
    case 'splunk-hec':
      return { text: reason, code: status === 503 ? 9 : status === 401 || status === 403 ? 4 : 8 };
    case 'otlp':
      return { code: 0, message: reason };
    case 'elasticsearch':
      return { error: { type: 'exception', reason }, status };
    default:
      return { error: reason };
  }
}
