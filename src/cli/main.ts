#!/usr/bin/env node
/** The command `log-targets`: arguments in, exit code out. */

import { runCommandLine } from './run-command-line.js';
import { endQuietlyWithThePipe } from './terminal.js';

endQuietlyWithThePipe();
process.exitCode = await runCommandLine(process.argv.slice(2));
