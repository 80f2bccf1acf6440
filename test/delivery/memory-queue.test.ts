import { MemoryQueue } from '../../src/delivery/memory-queue.js';
import { describeQueue } from './queue-contract.js';

describeQueue('the queue in memory', (bounds, onEvicted) => new MemoryQueue(bounds, onEvicted));
