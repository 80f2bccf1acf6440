/** What a receiver says of the events of a batch in the body of its answer. */

/** An event that was not taken. */
export interface RefusedEvent {
  /** Its place in the body, from 0. */
  readonly index: number;
  /** Whether it may be taken another time: then it is sent again, after a pause. */
  readonly retryable: boolean;
  /** Why. */
  readonly message: string;
  /** As a status of HTTP, where the receiver tells one for each event. Default: that of the answer. */
  readonly status?: number;
}

/** What an answer comes to. */
export type Verdict =
  /** All events were taken but those that are named, and those from `unreadFrom` on, which were not looked at. */
  | {
      readonly kind: 'named';
      readonly refused: readonly RefusedEvent[];
      readonly unreadFrom?: number;
      /** What the receiver wants to be known, though it took everything. */
      readonly warning?: string;
    }
  /** So many events were refused for good, and nobody says which. */
  | { readonly kind: 'counted'; readonly events: number; readonly message: string }
  /** Nothing was taken: whoever answers so is no receiver of this format. */
  | { readonly kind: 'foreign'; readonly message: string };

/** Reads the answers of a format's receivers. */
export interface Judge {
  /** Whether answers with this status say anything of single events. */
  reads(status: number): boolean;
  /** `undefined`: the status says it all. `count`: events in the batch. Must not throw. */
  judge(status: number, body: string, count: number): Verdict | undefined;
}
