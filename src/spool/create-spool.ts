/** Makes a spool, where its directory can be used at all. */

import { claimDirectory } from '../disk/files.js';
import { spoolError } from '../disk/spool-error.js';
import type { QueueBounds } from '../queue/queue.js';
import type { Reporter } from '../report.js';
import type { SpoolLocation } from './open-disk.js';
import { Spool } from './spool.js';

/** @throws SpoolError when the directory cannot be made or written */
export function createSpool(location: SpoolLocation, memory: QueueBounds, report: Reporter): Spool {
  try {
    claimDirectory(location.directory);
    return new Spool({ ...location, memory, report });
  } catch (error) {
    throw spoolError(location.directory, error);
  }
}
