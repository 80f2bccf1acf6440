import { MemoryQueue } from '../../src/queue/memory-queue.js';
import { describeQueue } from './queue-contract.js';

describeQueue('the queue in memory', (bounds, onLost) => new MemoryQueue(bounds, onLost));
