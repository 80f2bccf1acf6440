/** Every command, its options and an example. What a command needs is loaded when it runs. */

import { readFileSync } from 'node:fs';
import { Command, Option } from 'commander';
import * as read from './arguments.js';
import { example, jsonOption } from './command-parts.js';
import { addServiceCommands } from './service-commands.js';
import { addSpoolCommands } from './spool-commands.js';

/** The whole command line. */
export function createProgram(): Command {
  const program = new Command('log-targets')
    .description('Receives, checks, sends and steers the events of winston-log-targets.')
    .version(version(), '-V, --version', 'print the version')
    .helpOption('-h, --help', 'print this help')
    .helpCommand('help [command]', 'print the help of a command')
    .showHelpAfterError('(`--help` shows how it is used)')
    .configureHelp({ showGlobalOptions: false })
    .exitOverride();
  addListen(program);
  addFileCommands(program);
  addServiceCommands(program);
  addSpoolCommands(program);
  example(
    program,
    'log-targets listen',
    'log-targets validate settings.yaml',
    'log-targets status --url https://svc.example.com/logs',
  );
  return program;
}

function addListen(program: Command): void {
  const command = program
    .command('listen')
    .description('receive events here, and print one line for each')
    .option('-p, --port <number>', 'where to listen; 0 is any port that is free', read.port, 8099)
    .option('--host <address>', 'of which address of this machine', '127.0.0.1')
    .option('--https', 'with a self-signed certificate, made now')
    .addOption(
      new Option('--user <user:password>', 'demand basic authentication')
        .env('LOG_TARGETS_LISTEN_USER')
        .argParser(read.credentials),
    )
    .addOption(
      new Option('--secret <whsec_...>', 'demand signatures of Standard Webhooks; may be repeated')
        .env('LOG_TARGETS_LISTEN_SECRET')
        .argParser(read.secret),
    )
    .option('--answer <list>', 'answers in turn, the last one stays: `200,503:3s,429`', read.answers)
    .addOption(
      new Option('--forward-to <url>', 'pass requests on unchanged, and give the answers back')
        .argParser(read.httpUrl)
        .conflicts('answer'),
    )
    .option('--save <file>', 'append the events to a file, as NDJSON')
    .addOption(jsonOption())
    .action(async (options) => (await import('./listen/listen.js')).listen(options));
  example(
    command,
    'log-targets listen',
    'log-targets listen --https --user ops:secret --answer 200,503:3s,429',
    'log-targets listen --port 3100 --forward-to http://loki:3100 --save events.ndjson',
  );
}

function addFileCommands(program: Command): void {
  const validate = program
    .command('validate')
    .argument('<file>', 'settings, YAML or JSON')
    .description('say all that is wrong with a settings file')
    .addOption(jsonOption())
    .action(async (file, options) => (await import('./settings-file/validate.js')).validate(file, options));
  example(validate, 'log-targets validate /etc/svc/settings.yaml');

  const schema = program
    .command('schema')
    .description('print the JSON Schema of the settings')
    .addOption(jsonOption())
    .action(async () => (await import('./settings-file/schema.js')).schema());
  example(schema, 'log-targets schema > settings.schema.json');

  const ping = program
    .command('ping')
    .argument('<file>', 'settings, YAML or JSON')
    .argument('[name...]', 'of which targets; all where none is named')
    .description('send a test event to each target of a settings file')
    .addOption(secretsDirectory())
    .addOption(jsonOption())
    .action(async (file, names, options) =>
      (await import('./settings-file/ping.js')).ping(file, names, options),
    );
  example(ping, 'log-targets ping settings.yaml', 'log-targets ping settings.yaml siem loki');

  const send = program
    .command('send')
    .argument('<file>', 'settings, YAML or JSON')
    .description('send a record to the targets of a settings file, and wait until it is delivered')
    .option('--message <text>', 'of a log record')
    .option('--level <level>', 'of the log record', read.level, 'WARN')
    .option('--lifecycle <action>', 'send a lifecycle event')
    .option('--entity <path>', 'what it was done to; may be repeated', read.another)
    .option('--timeout <duration>', 'how long to wait', read.duration, 10_000)
    .addOption(secretsDirectory())
    .addOption(jsonOption())
    .action(async (file, options) => (await import('./settings-file/send.js')).send(file, options));
  example(
    send,
    'log-targets send settings.yaml --message "Disk is filling up" --level WARN',
    'log-targets send settings.yaml --lifecycle batch-started --entity /1.0/batches/b1',
  );
}

function secretsDirectory(): Option {
  return new Option('--secrets-directory <directory>', 'where `..._file` keys of targets lead to');
}

function version(): string {
  const file = new URL('../../package.json', import.meta.url);
  return JSON.parse(readFileSync(file, 'utf8')).version;
}
