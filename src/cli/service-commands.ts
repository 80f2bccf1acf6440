/** The commands that talk to a running service's console. */

import { type Command, Option } from 'commander';
import * as read from './arguments.js';
import { example, jsonOption } from './command-parts.js';

const URL_EXAMPLE = '--url https://svc.example.com/logs';

/** Adds them to the command line. */
export function addServiceCommands(program: Command): void {
  addWatching(program);
  addSteering(program);
  addSettings(program);
  addTarget(program);
}

/** A command with the options that all of them have: where the service is, and who asks. */
function serviceCommand(parent: Command, name: string, description: string): Command {
  const env = (flags: string, about: string, variable: string) => new Option(flags, about).env(variable);
  return parent
    .command(name)
    .description(description)
    .addOption(
      env(
        '--url <url>',
        'of the console: https://..., http://... or unix:/path',
        'LOG_TARGETS_URL',
      ).makeOptionMandatory(),
    )
    .addOption(
      env('--token <token>', 'bearer token; better in the environment', 'LOG_TARGETS_TOKEN').conflicts(
        'user',
      ),
    )
    .addOption(
      env(
        '--user <user:password>',
        'basic authentication; better in the environment',
        'LOG_TARGETS_USER',
      ).argParser(read.credentials),
    )
    .addOption(env('--cert <file>', 'client certificate', 'LOG_TARGETS_CERT'))
    .addOption(env('--key <file>', 'its key', 'LOG_TARGETS_KEY'))
    .addOption(env('--ca <file>', "CA of the service, or the service's own certificate", 'LOG_TARGETS_CA'))
    .addOption(jsonOption());
}

function addWatching(program: Command): void {
  const status = serviceCommand(program, 'status', 'show all targets at a glance')
    .option('-w, --watch', 'again and again, in place')
    .option('--interval <duration>', 'between two looks', read.duration, 2_000)
    .action(async (options) => (await import('./service/status.js')).status(options));
  example(
    status,
    `log-targets status ${URL_EXAMPLE}`,
    'LOG_TARGETS_URL=unix:/run/svc.sock log-targets status --watch',
  );

  const attempts = serviceCommand(program, 'attempts', 'show the latest attempts of a target')
    .argument('<name>', 'of the target')
    .action(async (name, options) => (await import('./service/attempts.js')).attempts(name, options));
  example(attempts, `log-targets attempts siem ${URL_EXAMPLE}`);

  const tail = serviceCommand(program, 'tail', 'follow the events of the service')
    .option('--type <type>', 'logging, lifecycle or operation; may be repeated', read.eventType)
    .option('--level <level>', 'the least severe level of logging events', read.level)
    .action(async (options) => (await import('./service/tail.js')).tail(options));
  example(
    tail,
    `log-targets tail ${URL_EXAMPLE}`,
    `log-targets tail --type logging --level WARN ${URL_EXAMPLE}`,
  );
}

function addSteering(program: Command): void {
  const retry = serviceCommand(program, 'retry', 'let a target try again now')
    .argument('<name>', 'of the target')
    .action(async (name, options) => (await import('./service/retry.js')).retry(name, options));
  example(retry, `log-targets retry siem ${URL_EXAMPLE}`);

  const letters = serviceCommand(
    program,
    'dead-letters',
    'list the events that a target refused, the oldest first',
  )
    .argument('<name>', 'of the target')
    .option('--limit <number>', 'at most so many', read.count, 100)
    .option('--after <id>', 'those behind this one')
    .action(async (name, options) => (await import('./service/dead-letters.js')).deadLetters(name, options));
  example(letters, `log-targets dead-letters siem ${URL_EXAMPLE}`);

  const replay = serviceCommand(program, 'replay', 'send dead letters again; all where none is chosen')
    .argument('<name>', 'of the target')
    .option('--id <id>', 'this one; may be repeated', read.another)
    .option('--since <time>', 'those refused since then: a time, or `2h` for how long ago', read.time)
    .action(async (name, options) => (await import('./service/dead-letters.js')).replay(name, options));
  example(replay, `log-targets replay siem --since 2h ${URL_EXAMPLE}`);

  const discard = serviceCommand(program, 'discard', 'drop dead letters for good; all where none is chosen')
    .argument('<name>', 'of the target')
    .option('--id <id>', 'this one; may be repeated', read.another)
    .option('--before <time>', 'those refused before then: a time, or `72h` for how long ago', read.time)
    .action(async (name, options) => (await import('./service/dead-letters.js')).discard(name, options));
  example(discard, `log-targets discard siem --before 72h ${URL_EXAMPLE}`);
}

function addSettings(program: Command): void {
  const settings = program.command('settings').description('read or replace all settings of the service');
  example(settings, `log-targets settings get ${URL_EXAMPLE} > settings.yaml`);

  const get = serviceCommand(settings, 'get', 'print the settings, secrets masked').action(async (options) =>
    (await import('./service/settings.js')).getSettings(options),
  );
  example(get, `log-targets settings get ${URL_EXAMPLE} > settings.yaml`);

  const set = serviceCommand(settings, 'set', 'replace the settings; a masked secret stays as it is')
    .argument('<file>', 'YAML or JSON')
    .action(async (file, options) => (await import('./service/settings.js')).setSettings(file, options));
  example(set, `log-targets settings set settings.yaml ${URL_EXAMPLE}`);
}

function addTarget(program: Command): void {
  const target = program.command('target').description('add, change or remove one target of the service');
  example(target, `log-targets target set siem level=INFO ${URL_EXAMPLE}`);

  const add = serviceCommand(target, 'add', 'add a target')
    .argument('<file>', 'one target, YAML or JSON')
    .action(async (file, options) => (await import('./service/target.js')).addTarget(file, options));
  example(add, `log-targets target add siem.yaml ${URL_EXAMPLE}`);

  const set = serviceCommand(target, 'set', 'change keys of a target; `@file` is what a file holds')
    .argument('<name>', 'of the target')
    .argument('<key=value...>', 'values as in YAML', read.assignment)
    .action(async (name, changes, options) =>
      (await import('./service/target.js')).setTarget(name, changes, options),
    );
  example(
    set,
    `log-targets target set siem level=INFO scopes=[logging] ${URL_EXAMPLE}`,
    `log-targets target set siem bearer_token=@/run/secrets/token ${URL_EXAMPLE}`,
  );

  const remove = serviceCommand(target, 'remove', 'remove a target')
    .argument('<name>', 'of the target')
    .action(async (name, options) => (await import('./service/target.js')).removeTarget(name, options));
  example(remove, `log-targets target remove siem ${URL_EXAMPLE}`);
}
