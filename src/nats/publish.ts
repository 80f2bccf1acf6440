/** Speaks on a connection that its owner may drain or close at any time. */

import type { NatsConnection } from '@nats-io/transport-node';

/** Whether anything can still be heard on a connection. */
export function canListen(connection: NatsConnection): boolean {
  return !connection.isClosed() && !connection.isDraining();
}

/** Nobody waits for what is published here: where a connection that ends does not take it any more, it is gone. */
export function publish(connection: NatsConnection, subject: string, payload: string | Uint8Array): void {
  try {
    connection.publish(subject, payload);
  } catch {
    // There is no asking beforehand: one that is drained takes what comes until just before its end.
  }
}
