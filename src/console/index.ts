/** The console: `winston-log-targets/console`. */

export { type Console, type ConsoleRequest, createConsole } from './console.js';
export type { Allowance, AuthorizeOperator, OperatorIdentity } from './operator.js';
export type { ConsoleOptions, ConsoleTransport, MetricsRegistry } from './options.js';
