/** The records that are logged: five small fields, one of which carries the sequence number. */

/** Digits follow it. It looks the same in JSON, in JSON within JSON, and in MessagePack. */
export const MARKER = 'seq=';

export const MESSAGE = 'A request was served';

/** Text that does not compress to nothing. */
const filler = Array.from({ length: 3000 }, (_, index) => Math.sin(index).toString(36).slice(3, 12)).join(
  ' ',
);

/** @param {number} bytes of text in a sixth field, where there is one */
export function makeRecord(seq, bytes = 0) {
  const record = { request: MARKER + seq, method: 'GET', path: '/1.0/instances', status: 200, ms: 1.5 };
  if (bytes > 0) record.output = filler.slice(0, bytes);
  return record;
}
