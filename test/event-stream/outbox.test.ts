/** How far behind a client may be, with a socket whose progress the test decides on. */

import { Writable } from 'node:stream';
import { beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { Outbox, type Piece } from '../../src/event-stream/outbox.js';

/** Takes what it is given when it is told to. */
class HeldSocket extends Writable {
  readonly written: string[] = [];
  #done: (() => void) | undefined;

  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    this.written.push(chunk.toString('latin1', 0, 1));
    this.#done = done;
  }

  async take(): Promise<void> {
    this.#done?.();
    await new Promise(process.nextTick);
  }
}

function piece(events: number, bytes = 1, name = '.'): Piece {
  return { bytes: Buffer.alloc(bytes, name), events, gatheredAtMs: performance.now() };
}

function create() {
  const socket = new HeldSocket();
  const behind = vi.fn();
  const outbox = new Outbox(socket, behind);
  onTestFinished(() => outbox.close());
  return { socket, behind, outbox };
}

describe('an outbox', () => {
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval', 'performance'] });
    onTestFinished(() => void vi.useRealTimers());
  });

  it('gives the socket one piece at a time, in order', async () => {
    const { socket, outbox } = create();
    for (const name of 'abc') outbox.add(piece(1, 10, name));
    expect(socket.written).toEqual(['a']);
    await socket.take();
    expect(socket.written).toEqual(['a', 'b']);
    await socket.take();
    await socket.take();
    expect(socket.written).toEqual(['a', 'b', 'c']);
  });

  it('finds a client behind that is 1000 events behind at two looks in a row', async () => {
    const { socket, behind, outbox } = create();
    outbox.add(piece(250));
    outbox.add(piece(750));
    vi.advanceTimersByTime(500);
    expect(behind).not.toHaveBeenCalled();
    vi.advanceTimersByTime(500);
    expect(behind).toHaveBeenCalledOnce();
    await socket.take();
    outbox.add(piece(249));
    behind.mockClear();
    vi.advanceTimersByTime(3000);
    expect(behind).not.toHaveBeenCalled();
  });

  it('does not mind a burst, as long as the client takes it before the next look', async () => {
    const { socket, behind, outbox } = create();
    for (let burst = 0; burst < 10; burst++) {
      outbox.add(piece(30_000));
      vi.advanceTimersByTime(500);
      await socket.take();
      vi.advanceTimersByTime(500);
    }
    expect(behind).not.toHaveBeenCalled();
  });

  it('finds a client behind to which more is sent when it is 8 MiB behind', async () => {
    const { socket, behind, outbox } = create();
    for (let index = 0; index < 128; index++) outbox.add(piece(1, 64 * 1024));
    expect(behind).not.toHaveBeenCalled();
    outbox.add(piece(1));
    expect(behind).toHaveBeenCalledOnce();
    await socket.take();
    behind.mockClear();
    outbox.add(piece(1, 20 * 2 ** 20));
    expect(behind).not.toHaveBeenCalled();
  });

  it('finds a client behind whose oldest event waits for five seconds', async () => {
    const { socket, behind, outbox } = create();
    vi.advanceTimersByTime(60_000);
    outbox.add(piece(1));
    outbox.add(piece(1));
    vi.advanceTimersByTime(4500);
    await socket.take();
    await socket.take();
    outbox.add(piece(1));
    vi.advanceTimersByTime(4500);
    expect(behind).not.toHaveBeenCalled();
    vi.advanceTimersByTime(1000);
    expect(behind).toHaveBeenCalled();
  });

  it('tells when it is empty, at once or later, and takes no more', async () => {
    const [empty, full] = [create(), create()];
    const emptied = vi.fn();
    empty.outbox.finish(emptied);
    expect(emptied).toHaveBeenCalledOnce();
    full.outbox.add(piece(1, 1, 'a'));
    full.outbox.add(piece(1, 1, 'b'));
    full.outbox.finish(emptied);
    full.outbox.add(piece(1, 1, 'c'));
    await full.socket.take();
    expect(emptied).toHaveBeenCalledOnce();
    await full.socket.take();
    expect(emptied).toHaveBeenCalledTimes(2);
    expect(full.socket.written).toEqual(['a', 'b']);
  });

  it('that is closed writes no more', async () => {
    const { socket, behind, outbox } = create();
    outbox.add(piece(5000));
    outbox.add(piece(5000));
    outbox.close();
    outbox.add(piece(1));
    await socket.take();
    vi.advanceTimersByTime(60_000);
    expect(socket.written).toHaveLength(1);
    expect(behind).not.toHaveBeenCalled();
  });
});
