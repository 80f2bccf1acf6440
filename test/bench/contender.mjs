// Logs a burst in a process of its own with one contender, and tells its parent the times and the memory.
import { once } from 'node:events';
import { setImmediate as immediate, setTimeout as sleep } from 'node:timers/promises';
import winston from 'winston';
import TransportStream from 'winston-transport';

const [, , name, port, count] = process.argv;
const total = Number(count);

class Nothing extends TransportStream {
  log(_info, next) {
    next();
  }
}

const contenders = {
  'no-op transport': () => ({ transport: new Nothing(), settled: async () => {} }),
  async 'winston-log-targets'() {
    const { EventTransport } = await import('winston-log-targets');
    const transport = new EventTransport({
      targets: [{ name: 'bench', address: `http://127.0.0.1:${port}/`, level: 'DEBUG' }],
    });
    return { transport, settled: () => transport.flush({ timeoutMs: 60_000 }) };
  },
  "winston's Http transport": () => ({
    transport: new winston.transports.Http({
      host: '127.0.0.1',
      port: Number(port),
      batch: true,
      batchCount: 500,
      batchInterval: 200,
    }),
    // It does not tell when it is done: the parent watches the receiver.
    settled: async () => {},
  }),
};

const { transport, settled } = await contenders[name]();
const logger = winston.createLogger({ level: 'info', transports: [transport] });
logger.on('error', () => {});

let peak = 0;
const baseline = process.memoryUsage().rss;
const sample = () => {
  peak = Math.max(peak, process.memoryUsage().rss);
};
const timer = setInterval(sample, 20).unref();

async function burst(from, to) {
  let callNs = 0n;
  for (let seq = from; seq < to; ) {
    const startedAt = process.hrtime.bigint();
    const end = Math.min(seq + 1000, to);
    for (; seq < end; seq++)
      logger.info('A request was served', {
        seq,
        method: 'GET',
        path: '/1.0/instances',
        status: 200,
        ms: 1.5,
      });
    callNs += process.hrtime.bigint() - startedAt;
    await immediate();
    sample();
  }
  return Number(callNs);
}

await burst(0, 5000); // warm
await settled();
await sleep(300);
process.send({ warm: true });
await once(process, 'message');

const cpuBefore = process.cpuUsage();
const startedAt = process.hrtime.bigint();
const callNs = await burst(0, total);
await settled();
const ns = Number(process.hrtime.bigint() - startedAt);
const cpu = process.cpuUsage(cpuBefore);
clearInterval(timer);
process.send({
  nsPerCall: callNs / total,
  ms: ns / 1e6,
  cpuNsPerEvent: ((cpu.user + cpu.system) * 1000) / total,
  memoryMb: (peak - baseline) / 2 ** 20,
});
await once(process, 'message');
process.exit(0);
