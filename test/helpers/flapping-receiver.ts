/** A receiver that works, refuses, resets, dawdles and is gone, in turn, and remembers what it said 2xx to. */

import { setTimeout as sleep } from 'node:timers/promises';
import { type Answer, parseEvents, type Received, type ReceivedEvent, startReceiver } from './receiver.js';

/** A request that was answered with 2xx. */
export interface Accepted {
  /** `webhook-id`. */
  readonly id: string;
  readonly events: readonly ReceivedEvent[];
  /** The life of the sender during which it came. */
  readonly life: number;
}

export interface FlappingReceiver {
  readonly address: string;
  readonly accepted: Accepted[];
  /** Of every request, whatever the answer: the bodies that came under one `webhook-id`. */
  readonly bodies: ReadonlyMap<string, ReadonlySet<string>>;
  /** To be set by the test. */
  life: number;
  /** Resolves when no sender is connected: what a dead one has sent was received in its life. */
  untilAlone(): Promise<void>;
  /** Resolves when it works, for good. */
  settle(): Promise<void>;
}

const modes = ['works', 'works', 'works', 'refuses', 'resets', 'dawdles', 'is gone'] as const;

export async function startFlappingReceiver(random: () => number): Promise<FlappingReceiver> {
  const bodies = new Map<string, Set<string>>();
  const accepted: Accepted[] = [];
  let mode: (typeof modes)[number] = 'works';
  let isSettled = false;

  const answer: Answer = (request, response) => {
    const id = idOf(request);
    bodies.set(id, (bodies.get(id) ?? new Set()).add(request.body));
    const { life } = flapping;
    const accept = () => {
      if (response.destroyed) return;
      // 2xx counts once it was handed over, whether or not the sender lived to read it.
      response.on('finish', () => accepted.push({ id, events: parseEvents(request), life }));
      response.writeHead(200).end();
    };
    if (mode === 'refuses') response.writeHead(503).end();
    else if (mode === 'resets') response.destroy();
    // At any moment, also when the sender is not there any more.
    else if (mode === 'dawdles') setTimeout(accept, random() * 150);
    else accept();
  };

  let receiver = await startReceiver(answer);
  const { address, port } = receiver;
  const flap = async () => {
    while (!isSettled) {
      mode = modes[Math.floor(random() * modes.length)] ?? 'works';
      const isGone = mode === 'is gone';
      if (isGone) await receiver.close();
      await sleep(20 + random() * 150); // for a while of any length
      if (isGone) receiver = await startReceiver(answer, undefined, port);
    }
    mode = 'works';
  };
  const over = flap();
  const flapping = {
    address,
    accepted,
    bodies,
    life: 0,
    untilAlone: async () => {
      // A receiver that is gone has no connections either; the next one is another object.
      const asked = receiver;
      await asked.until(() => asked.openConnections === 0);
    },
    settle: () => {
      isSettled = true;
      return over;
    },
  };
  return flapping;
}

function idOf({ headers }: Received): string {
  return String(headers['webhook-id']);
}
