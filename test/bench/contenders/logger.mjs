/** The Winston logger that all transports are measured with. */

import winston from 'winston';
import { MESSAGE } from '../record.mjs';

/** Winston's default format is JSON, made at each call; this one does nothing. */
const passthrough = winston.format((info) => info);

/** @returns {(record: object) => void} a log call */
export function logWith(transport, { name }) {
  const logger = winston.createLogger({
    level: 'info',
    transports: [transport],
    ...(name.endsWith('-passthrough') && { format: passthrough() }),
  });
  // Some peers emit it during an outage; without a listener the process would end.
  logger.on('error', () => {});
  return (record) => logger.info(MESSAGE, record);
}
