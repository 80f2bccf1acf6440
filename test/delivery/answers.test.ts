/** What receivers say of single events in their answers, as their documentation has it, and what comes of it. */

import { describe, expect, it } from 'vitest';
import { defineFormat, type RefusedEvent } from '../../src/index.js';
import { type Answer, type Received, startReceiver } from '../helpers/receiver.js';
import { spoolDirectory } from '../helpers/spool.js';
import { createTestTransport, quickTarget, statusOf } from '../helpers/transport.js';

const json =
  (status: number, body: unknown): Answer =>
  (_request, response) =>
    void response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));

/** Answers one after the other; the last one stays. */
function inTurn(...answers: Answer[]): Answer {
  let index = 0;
  return (...args) => (answers[Math.min(index++, answers.length - 1)] as Answer)(...args);
}

interface Format {
  readonly settings: object;
  /** Messages of the events in a request. */
  readonly messages: (request: Received) => string[];
}

const lines = ({ body }: Received) =>
  body
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));

const elasticsearch: Format = {
  settings: { event_format: 'elasticsearch', format_options: { index: 'logs' } },
  messages: (request) => lines(request).flatMap(({ message }) => (message === undefined ? [] : [message])),
};
const splunk: Format = {
  settings: { event_format: 'splunk-hec', format_options: { index: 'main' } },
  messages: (request) => lines(request).map(({ event }) => event.message),
};
const otlp: Format = {
  settings: { event_format: 'otlp', format_options: { resource: { 'service.name': 'svc' } } },
  messages: ({ body }) =>
    JSON.parse(body).resourceLogs[0].scopeLogs[0].logRecords.map(
      ({ body: text }: { body: { stringValue: string } }) => text.stringValue,
    ),
};
const loki: Format = {
  settings: { event_format: 'loki' },
  messages: ({ body }) =>
    JSON.parse(body).streams.map(({ values }: { values: [[string, string]] }) => values[0][1]),
};

/** Logs `count` events, whose messages are numbers, in one batch, and waits until they are settled. */
async function send({ settings, messages }: Format, answer: Answer, count: number, more = {}) {
  const receiver = await startReceiver(answer);
  const target = quickTarget(receiver.address, { ...settings, batch_size: 100, batch_wait: '1h', ...more });
  const test = createTestTransport([target]);
  for (let index = 0; index < count; index++) test.logger.info(String(index));
  const flushed = await test.transport.flush();
  return {
    ...test,
    receiver,
    flushed,
    status: statusOf(test.transport),
    requests: receiver.requests.map(messages),
    ids: receiver.requests.map(({ headers }) => headers['webhook-id']),
  };
}

describe('elasticsearch', () => {
  const taken = { create: { _id: 'x', status: 201, result: 'created' } };
  const failed = (status: number, type = 'some_exception') => ({
    create: { _id: 'x', status, error: { type, reason: `reason of ${status}` } },
  });
  const bulk = (...items: object[]) =>
    json(200, { took: 1, errors: items.some((item) => item !== taken), items });
  const allTaken: Answer = (request, response, index) =>
    bulk(...elasticsearch.messages(request).map(() => taken))(request, response, index);

  it('takes all', async () => {
    const { status, requests } = await send(elasticsearch, allTaken, 3);
    expect(requests).toEqual([['0', '1', '2']]);
    expect(status).toMatchObject({ delivered: 3, dropped: {}, attempts: 1, pending: { events: 0 } });
  });

  it('counts each item for itself: taken, there already, sent again in order under a new id, refused', async () => {
    const first = bulk(
      taken,
      failed(409, 'version_conflict_engine_exception'),
      failed(429),
      failed(400),
      failed(503),
    );
    const { status, requests, ids, flushed, reports } = await send(elasticsearch, inTurn(first, allTaken), 5);
    expect(requests).toEqual([
      ['0', '1', '2', '3', '4'],
      ['2', '4'],
    ]);
    expect(ids[1]).not.toBe(ids[0]);
    expect(status).toMatchObject({ accepted: 5, delivered: 4, dropped: { rejected: 1 }, dead: 0 });
    expect(flushed).toEqual({ delivered: false, pending: 0 });
    expect(reports).toContainEqual(
      expect.objectContaining({ type: 'batchDelivered', events: 2, status: 200 }),
    );
    expect(reports).toContainEqual(
      expect.objectContaining({ type: 'batchRetried', events: 2, delayMs: expect.any(Number) }),
    );
  });

  it('sends those again before anything newer, and after a pause', async () => {
    const answer = inTurn(bulk(taken, failed(429)), allTaken);
    const receiver = await startReceiver(answer);
    const target = quickTarget(receiver.address, {
      ...elasticsearch.settings,
      batch_size: 2,
      retry_timeout: '300ms',
    });
    const { transport, logger } = createTestTransport([target]);
    for (const message of ['0', '1', '2', '3']) logger.info(message);
    await receiver.untilRequests(3);
    expect(receiver.requests.map(elasticsearch.messages)).toEqual([['0', '1'], ['1'], ['2', '3']]);
    const [first, second] = receiver.requests;
    expect((second?.atMs ?? 0) - (first?.atMs ?? 0)).toBeGreaterThan(200);
    await transport.flush();
    expect(statusOf(transport)).toMatchObject({ delivered: 4, state: 'idle' });
  });

  it('that takes none for now gets the same batch again, under its id, in rounds, and is down then', async () => {
    const busy: Answer = (request, response, index) =>
      bulk(...elasticsearch.messages(request).map(() => failed(429)))(request, response, index);
    const receiver = await startReceiver(busy);
    const target = quickTarget(receiver.address, {
      ...elasticsearch.settings,
      batch_size: 2,
      retry_count: 2,
    });
    const { transport, logger, report } = createTestTransport([target]);
    logger.info('0');
    logger.info('1');
    await report('targetDown');
    receiver.answer = allTaken;
    await report('targetUp');
    await transport.flush();
    expect(new Set(receiver.requests.map(({ headers }) => headers['webhook-id'])).size).toBe(1);
    expect(statusOf(transport)).toMatchObject({ delivered: 2, dropped: {} });
  });

  it('that refuses all of many events is a wrong configuration: all are kept', async () => {
    const refusing: Answer = (request, response, index) =>
      bulk(...elasticsearch.messages(request).map(() => failed(404, 'index_not_found_exception')))(
        request,
        response,
        index,
      );
    const receiver = await startReceiver(refusing);
    const target = quickTarget(receiver.address, { ...elasticsearch.settings, batch_size: 10 });
    const { transport, logger, report } = createTestTransport([target]);
    for (let index = 0; index < 10; index++) logger.info(String(index));
    const { error } = await report('targetDown');
    expect(error).toEqual({
      code: 'EVENTS_REFUSED',
      message: expect.stringContaining('index_not_found_exception'),
    });
    expect(statusOf(transport)).toMatchObject({
      pending: { events: 10 },
      delivered: 0,
      dropped: {},
      state: 'down',
    });
    receiver.answer = allTaken;
    await transport.flush();
    expect(statusOf(transport)).toMatchObject({ delivered: 10, dropped: {} });
    const messages = receiver.requests.slice(1).flatMap(elasticsearch.messages);
    expect([...new Set(messages)]).toEqual(Array.from({ length: 10 }, (_, index) => String(index)));
  });

  it.each<[string, Answer]>([
    ['another JSON', json(200, { ok: true })],
    ['a page', (_request, response) => void response.end('<html>Sign in</html>')],
    ['nothing', (_request, response) => void response.end()],
    ['fewer items than there are events', json(200, { errors: true, items: [taken, failed(400)] })],
    ['items without a status', json(200, { errors: true, items: [taken, {}, taken] })],
  ])(
    'that answers with %s is no such receiver: nothing is delivered, the target is down',
    async (_what, answer) => {
      const receiver = await startReceiver(answer);
      const { transport, logger, report } = createTestTransport([
        quickTarget(receiver.address, { ...elasticsearch.settings, batch_size: 3 }),
      ]);
      for (let index = 0; index < 3; index++) logger.info(String(index));
      expect((await report('targetDown')).error.code).toBe('ANSWER_UNKNOWN');
      expect(statusOf(transport)).toMatchObject({ delivered: 0, pending: { events: 3 }, state: 'down' });
      expect(await transport.ping('siem')).toMatchObject({
        ok: false,
        status: 200,
        error: { code: 'ANSWER_UNKNOWN' },
      });
      receiver.answer = allTaken;
      await transport.flush();
      expect(statusOf(transport)).toMatchObject({ delivered: 3, dropped: {} });
    },
  );

  it('that gives way to another receiver leaves nothing behind that holds up what comes after it', async () => {
    const receiver = await startReceiver(503);
    const target = quickTarget(receiver.address, elasticsearch.settings);
    const { transport, logger, report } = createTestTransport([target]);
    logger.info('older');
    await report('targetDown');
    receiver.answer = (_request, response) => void response.end('thanks');
    transport.reload([quickTarget(receiver.address, { event_format: 'json' })]);
    logger.info('newer');
    expect(await transport.flush()).toEqual({ delivered: true, pending: 0 });
    expect(receiver.requests.slice(-2).map(({ body }) => /older|newer/.exec(body)?.[0])).toEqual([
      'older',
      'newer',
    ]);
    expect(statusOf(transport)).toMatchObject({ delivered: 2, dropped: {}, state: 'idle' });
  });

  it('whose answer is longer than a mebibyte gets fewer events at a time', async () => {
    const wordy: Answer = (request, response, index) => {
      const items = elasticsearch
        .messages(request)
        .map(() => ({ create: { status: 201, note: 'x'.repeat(300_000) } }));
      json(200, { errors: true, items })(request, response, index);
    };
    const { status, requests } = await send(elasticsearch, wordy, 8);
    expect(status).toMatchObject({ delivered: 8, dropped: {}, pending: { events: 0 } });
    expect(requests.filter((request) => request.length <= 2).flat()).toEqual([
      '0',
      '1',
      '2',
      '3',
      '4',
      '5',
      '6',
      '7',
    ]);
  });

  it('whose answer breaks off, or does not come to its end, gets the batch again, as it was', async () => {
    const cut: Answer = (_request, response) => {
      response.writeHead(200, { 'content-length': '1000' });
      response.write('{"errors":');
      setImmediate(() => response.destroy());
    };
    const hanging: Answer = (_request, response) => {
      response.writeHead(200, { 'content-length': '1000' });
      response.write('{"errors":');
    };
    const { status, requests, ids } = await send(elasticsearch, inTurn(cut, hanging, allTaken), 2, {
      timeout: '500ms',
    });
    expect(requests).toEqual(Array(3).fill(['0', '1']));
    expect(new Set(ids).size).toBe(1);
    expect(status).toMatchObject({ delivered: 2, dropped: {}, attempts: 3 });
  });

  it('whose answer breaks off is told of in words', async () => {
    const cut: Answer = (_request, response) => {
      response.writeHead(200, { 'content-length': '1000' });
      response.write('{"errors":', () => response.destroy());
    };
    const { status } = await send(elasticsearch, inTurn(cut, allTaken), 1);
    expect(status).toMatchObject({ delivered: 1, lastError: { code: 'ECONNRESET' } });
    expect(status.lastError?.message).toMatch(/aborted|broke off|hang up/);
  });

  it('keeps what it refused, with what was said of it, and gets it again from the dead letters', async () => {
    const receiver = await startReceiver(
      inTurn(bulk(taken, failed(400, 'document_parsing_exception')), allTaken),
    );
    const target = quickTarget(receiver.address, { ...elasticsearch.settings, batch_size: 2 });
    const { transport, logger } = createTestTransport([target], {
      spool: { directory: spoolDirectory() },
    });
    await transport.ready();
    logger.info('0');
    logger.info('1');
    await transport.flush();
    expect(statusOf(transport)).toMatchObject({ delivered: 1, dead: 1, dropped: {} });
    const [letter] = await transport.deadLetters('siem');
    const [action] = lines(receiver.requests[0] as Received).slice(2);
    expect(letter).toMatchObject({
      id: action.create._id,
      status: 400,
      response: 'document_parsing_exception: reason of 400',
    });
    expect(await transport.replay('siem')).toBe(1);
    await transport.flush();
    expect(lines(receiver.requests[1] as Received)[0]).toEqual(action);
    expect(statusOf(transport)).toMatchObject({ delivered: 2, dead: 0 });
    transport.end();
  });
});

describe('splunk-hec', () => {
  const ok = json(200, { text: 'Success', code: 0 });
  const invalid = (index: number) =>
    json(400, { text: 'Invalid data format', code: 6, 'invalid-event-number': index });

  it('takes those before the one that it refuses; those behind it are sent again, without bisecting', async () => {
    const { status, requests, ids, reports } = await send(splunk, inTurn(invalid(2), ok), 5);
    expect(requests).toEqual([
      ['0', '1', '2', '3', '4'],
      ['3', '4'],
    ]);
    expect(new Set(ids).size).toBe(2);
    expect(status).toMatchObject({ accepted: 5, delivered: 4, dropped: { rejected: 1 } });
    expect(reports.map(({ type }) => type)).not.toContain('batchSplit');
  });

  it.each([0, 4])('also when that is the first or the last: %i', async (index) => {
    const { status, requests } = await send(splunk, inTurn(invalid(index), ok), 5);
    expect(requests.slice(1)).toEqual(index === 0 ? [['1', '2', '3', '4']] : []);
    expect(status).toMatchObject({ delivered: 4, dropped: { rejected: 1 } });
  });

  it('that refuses one after the other is a wrong configuration: all are kept', async () => {
    const receiver = await startReceiver(
      json(400, { text: 'Incorrect index', code: 7, 'invalid-event-number': 0 }),
    );
    const target = quickTarget(receiver.address, { ...splunk.settings, batch_size: 20 });
    const { transport, logger, report } = createTestTransport([target]);
    for (let index = 0; index < 20; index++) logger.info(String(index));
    await report('targetDown');
    expect(statusOf(transport)).toMatchObject({ pending: { events: 20 }, dropped: {}, state: 'down' });
    receiver.answer = ok;
    await transport.flush();
    expect(statusOf(transport)).toMatchObject({ delivered: 20, dropped: {} });
  });

  it('that refuses without saying which is asked by halves', async () => {
    const answer: Answer = (request, response, index) =>
      (splunk.messages(request).includes('1') ? json(400, { text: 'Invalid data format', code: 6 }) : ok)(
        request,
        response,
        index,
      );
    const { status } = await send(splunk, answer, 4);
    expect(status).toMatchObject({ delivered: 3, dropped: { rejected: 1 } });
  });

  it('that is busy gets the same again; the token goes as Splunk wants it', async () => {
    const busy = json(503, { text: 'Server is busy', code: 9 });
    const more = { bearer_token: 'secret', auth_scheme: 'Splunk' };
    const { status, requests, ids, receiver } = await send(splunk, inTurn(busy, ok), 2, more);
    expect(requests).toEqual([
      ['0', '1'],
      ['0', '1'],
    ]);
    expect(new Set(ids).size).toBe(1);
    expect(receiver.requests[0]?.headers.authorization).toBe('Splunk secret');
    expect(status).toMatchObject({ delivered: 2, attempts: 2 });
  });
});

describe('otlp', () => {
  it.each<[string, unknown]>([
    ['an empty answer', {}],
    ['a partial success that was none', { partialSuccess: {} }],
    ['none rejected', { partialSuccess: { rejectedLogRecords: '0' } }],
  ])('takes all: %s', async (_what, body) => {
    const { status, warnings } = await send(otlp, json(200, body), 3);
    expect(status).toMatchObject({ delivered: 3, dropped: {}, attempts: 1 });
    expect(warnings).toEqual([]);
  });

  it('drops as many as were rejected, and never sends them again', async () => {
    const answer = json(200, { partialSuccess: { rejectedLogRecords: '2', errorMessage: 'too old' } });
    const { status, requests, flushed, reports } = await send(otlp, answer, 5);
    expect(requests).toHaveLength(1);
    expect(status).toMatchObject({
      accepted: 5,
      delivered: 3,
      dropped: { rejected: 2 },
      pending: { events: 0 },
    });
    expect(status.lastError).toMatchObject({
      code: 'EVENTS_REFUSED',
      message: expect.stringContaining('too old'),
    });
    expect(flushed.delivered).toBe(false);
    expect(reports).toContainEqual(expect.objectContaining({ type: 'batchDelivered', events: 3 }));
  });

  it.each([3, 30])('drops all when all were rejected, or more: %i', async (rejectedLogRecords) => {
    const { status, requests, reports } = await send(
      otlp,
      json(200, { partialSuccess: { rejectedLogRecords } }),
      3,
    );
    expect(requests).toHaveLength(1);
    expect(status).toMatchObject({ delivered: 0, dropped: { rejected: 3 } });
    expect(reports.map(({ type }) => type)).not.toContain('batchDelivered');
  });

  it('passes on a message that comes with full success', async () => {
    const answer = json(200, { partialSuccess: { errorMessage: 'use another endpoint' } });
    const { status, warnings } = await send(otlp, answer, 1);
    expect(status).toMatchObject({ delivered: 1, dropped: {} });
    expect(warnings).toMatchObject([
      { code: 'RECEIVER_WARNED', message: expect.stringContaining('use another endpoint') },
    ]);
  });

  it.each([429, 502, 503, 504])('sends again what was answered with %i', async (code) => {
    const { status, ids } = await send(otlp, inTurn(json(code, {}), json(200, {})), 2);
    expect(new Set(ids).size).toBe(1);
    expect(status).toMatchObject({ delivered: 2, dropped: {}, attempts: 2 });
  });
});

describe('loki', () => {
  const noContent: Answer = (_request, response) => void response.writeHead(204).end();

  it('takes all with a 204', async () => {
    const { status } = await send(loki, noContent, 3);
    expect(status).toMatchObject({ delivered: 3, attempts: 1 });
  });

  it('that took a part of what it refused gets the rest by halves; it drops what it has already', async () => {
    const stored = new Map<string, string>();
    const answer: Answer = (request, response) => {
      const { streams } = JSON.parse(request.body) as { streams: { values: [[string, string]] }[] };
      let isRefused = false;
      for (const {
        values: [[time, line]],
      } of streams) {
        if (line === '2') isRefused = true;
        else stored.set(time, line);
      }
      response.writeHead(isRefused ? 400 : 204).end(isRefused ? 'entry too far behind' : undefined);
    };
    const { status } = await send(loki, answer, 5);
    expect(status).toMatchObject({ delivered: 4, dropped: { rejected: 1 } });
    // The same time each time that it was sent: no line is there twice.
    expect([...stored].sort().map(([, line]) => line)).toEqual(['0', '1', '3', '4']);
  });

  it('sends again what was answered with 429', async () => {
    const busy: Answer = (_request, response) =>
      void response.writeHead(429).end('ingestion rate limit exceeded');
    const { status, ids } = await send(loki, inTurn(busy, noContent), 2);
    expect(new Set(ids).size).toBe(1);
    expect(status).toMatchObject({ delivered: 2, attempts: 2 });
  });
});

describe("a user's format", () => {
  const own = (refused: (status: number, body: string, count: number) => readonly RefusedEvent[]) =>
    defineFormat({
      contentType: 'text/plain',
      write: (event) => ('message' in event ? (event.message ?? '') : ''),
      frame: { open: '', separator: '\n', close: '' },
      refused,
    });
  const format: Format = { settings: { event_format: 'own' }, messages: ({ body }) => body.split('\n') };

  async function sendOwn(refused: Parameters<typeof own>[0], answer: Answer, count: number) {
    const receiver = await startReceiver(answer);
    const target = quickTarget(receiver.address, { ...format.settings, batch_size: 100, batch_wait: '1h' });
    const test = createTestTransport([target], { formats: { own: own(refused) } });
    for (let index = 0; index < count; index++) test.logger.info(String(index));
    return { ...test, receiver };
  }

  it('tells of refused events by the status, the body and their number', async () => {
    const asked: unknown[] = [];
    const refused = (status: number, body: string, count: number) => {
      asked.push([status, body, count]);
      const again = count === 4 ? [{ index: 3, retryable: true, message: 'later' }] : [];
      const wrong = count === 4 ? [{ index: 1, retryable: false, message: 'mapping' }] : [];
      // What is no event of the batch, or told of twice, does not count.
      return [
        ...again,
        ...wrong,
        ...wrong,
        { index: 99, retryable: false, message: '' },
        { index: -1, retryable: true, message: '' },
      ];
    };
    const { transport, receiver } = await sendOwn(
      refused,
      (_request, response) => void response.writeHead(202).end('said'),
      4,
    );
    await transport.flush();
    expect(asked).toEqual([
      [202, 'said', 4],
      [202, 'said', 1],
    ]);
    expect(receiver.requests.map(format.messages)).toEqual([['0', '1', '2', '3'], ['3']]);
    expect(statusOf(transport)).toMatchObject({ delivered: 3, dropped: { rejected: 1 } });
  });

  it.each<[string, () => readonly RefusedEvent[]]>([
    [
      'throws',
      () => {
        throw new Error('cannot read that');
      },
    ],
    ['returns no list', () => 5 as never],
    ['returns no events', () => [{ retryable: true }] as never],
  ])('that %s when it reads an answer delivers nothing', async (_what, refused) => {
    const { transport, report } = await sendOwn(refused, (_request, response) => void response.end(), 2);
    void transport.flush();
    expect((await report('targetDown')).error.code).toBe('ANSWER_UNKNOWN');
    expect(statusOf(transport)).toMatchObject({ delivered: 0, pending: { events: 2 } });
  });

  it.each<[string, () => readonly RefusedEvent[], string]>([
    ['a number', () => 5 as never, '`5`'],
    ['a promise that comes to nothing', () => Promise.reject(new Error('later')) as never, 'a promise'],
  ])('that returns %s for a list is told so, and ends no process', async (_what, refused, got) => {
    const { transport, report } = await sendOwn(refused, (_request, response) => void response.end(), 1);
    void transport.flush();
    const { error } = await report('targetDown');
    expect(error.message).toContain(`Expected \`refused\` of a format to return a list, got ${got}`);
    expect(statusOf(transport)).toMatchObject({ delivered: 0, pending: { events: 1 } });
  });

  it('is not asked about other answers than 2xx', async () => {
    const refused = () => {
      throw new Error('asked');
    };
    const { transport, report } = await sendOwn(
      refused,
      (_request, response) => void response.writeHead(401).end(),
      1,
    );
    void transport.flush();
    expect((await report('targetDown')).error.code).toBe('HTTP_401');
  });
});

it('formats whose receivers say nothing of single events do not wait for the bodies of answers', async () => {
  const receiver = await startReceiver((_request, response) => {
    response.writeHead(200, { 'content-length': '1000' });
    response.flushHeaders();
  });
  const { transport, logger, report } = createTestTransport([
    quickTarget(receiver.address, { event_format: 'json', timeout: '1h' }),
  ]);
  logger.info('a');
  await report('batchDelivered');
  expect(statusOf(transport)).toMatchObject({ delivered: 1 });
});

describe('whatever is answered', () => {
  /** A receiver that takes or refuses each event as its number has it, and puts off as chance has it. */
  function fickle(
    format: Format,
    answerTo: (fates: ('taken' | 'refused' | 'later')[]) => {
      answer: Answer;
      taken: number[];
      refused: number[];
    },
  ) {
    const taken: string[] = [];
    const refused = new Set<string>();
    const unsettled = new Set<string>();
    let seed = 7;
    const chance = () => {
      seed = (seed * 16807) % 2147483647;
      return seed / 2147483647;
    };
    const violations: string[] = [];
    const answer: Answer = (request, response, index) => {
      const messages = format.messages(request);
      for (const message of messages) unsettled.add(message);
      const oldest = Math.min(...[...unsettled].map(Number));
      if (Number(messages[0]) !== oldest) violations.push(`${messages[0]} before ${oldest}`);
      if (messages.some((message, place) => place > 0 && Number(message) < Number(messages[place - 1])))
        violations.push('order');
      if (chance() < 0.15) {
        response.writeHead(503).end();
        return;
      }
      const fates = messages.map((message) => {
        if (Number(message) % 17 === 3) return 'refused' as const;
        return chance() < 0.3 ? ('later' as const) : ('taken' as const);
      });
      const said = answerTo(fates);
      for (const place of said.taken) {
        taken.push(messages[place] as string);
        unsettled.delete(messages[place] as string);
      }
      for (const place of said.refused) {
        refused.add(messages[place] as string);
        unsettled.delete(messages[place] as string);
      }
      said.answer(request, response, index);
    };
    return { answer, taken, refused, violations };
  }

  const places = (fates: readonly string[], wanted: string) =>
    fates.flatMap((fate, place) => (fate === wanted ? [place] : []));

  it.each<[string, Format, Parameters<typeof fickle>[1]]>([
    [
      'elasticsearch',
      elasticsearch,
      (fates) => {
        const status = { taken: 201, refused: 400, later: 429 };
        const items = fates.map((fate) => ({ create: { status: status[fate], error: { type: fate } } }));
        return {
          answer: json(200, { errors: true, items }),
          taken: places(fates, 'taken'),
          refused: places(fates, 'refused'),
        };
      },
    ],
    [
      'splunk-hec',
      splunk,
      (fates) => {
        const first = fates.indexOf('refused');
        const all = fates.map((_, place) => place);
        if (first === -1) return { answer: json(200, { code: 0 }), taken: all, refused: [] };
        const answer = json(400, { text: 'Invalid data format', code: 6, 'invalid-event-number': first });
        return { answer, taken: all.slice(0, first), refused: [first] };
      },
    ],
  ])(
    'every event of %s is taken once or refused once, in order, and counted as what it is',
    async (_name, format, answerTo) => {
      const { answer, taken, refused, violations } = fickle(format, answerTo);
      const receiver = await startReceiver(answer);
      const { transport, logger } = createTestTransport([
        quickTarget(receiver.address, {
          ...format.settings,
          batch_size: 25,
          retry_timeout: '1ms',
          retry_count: 3,
        }),
      ]);
      const count = 150;
      for (let index = 0; index < count; index++) {
        logger.info(String(index));
        if (index % 40 === 0) await new Promise(setImmediate);
      }
      await transport.flush({ timeoutMs: 50_000 });
      const status = statusOf(transport);
      expect(violations).toEqual([]);
      expect(new Set(taken).size).toBe(taken.length);
      expect(taken.length + refused.size).toBe(count);
      expect(taken.some((message) => refused.has(message))).toBe(false);
      expect(status).toMatchObject({
        accepted: count,
        delivered: taken.length,
        dropped: { rejected: refused.size },
        pending: { events: 0 },
      });
    },
  );

  it('a service that closes does not wait as long as it would otherwise', async () => {
    const busyOnce = inTurn(
      json(200, {
        errors: true,
        items: [{ create: { status: 201 } }, { create: { status: 429, error: {} } }],
      }),
      json(200, { errors: false }),
    );
    const receiver = await startReceiver(busyOnce);
    const { transport, logger, report } = createTestTransport([
      quickTarget(receiver.address, { ...elasticsearch.settings, batch_size: 2, retry_timeout: '1h' }),
    ]);
    logger.info('0');
    logger.info('1');
    await report('batchRetried');
    expect(statusOf(transport)).toMatchObject({ state: 'retrying', nextAttemptAt: expect.any(String) });
    logger.end();
    await new Promise((resolve) => logger.once('finish', resolve));
    expect(statusOf(transport)).toMatchObject({ delivered: 2, pending: { events: 0 } });
  });

  it('new settings are used at once, also for what was put off', async () => {
    const [old, next] = [
      await startReceiver(
        json(200, {
          errors: true,
          items: [{ create: { status: 201 } }, { create: { status: 429, error: {} } }],
        }),
      ),
      await startReceiver(json(200, { errors: false })),
    ];
    const target = quickTarget(old.address, {
      ...elasticsearch.settings,
      batch_size: 2,
      retry_timeout: '1h',
    });
    const { transport, logger, report } = createTestTransport([target]);
    logger.info('0');
    logger.info('1');
    await report('batchRetried');
    transport.reload([{ ...target, address: next.address }]);
    await next.untilRequests(1);
    await transport.flush();
    expect(next.requests.map(elasticsearch.messages)).toEqual([['1']]);
    expect(statusOf(transport)).toMatchObject({ delivered: 2 });
  });

  it('requests keep to what receivers take, whatever the settings allow', async () => {
    const all: Answer = (_request, response) => void response.end('{"errors":false}');
    const [many, large] = [await startReceiver(all), await startReceiver(json(200, { code: 0 }))];
    const { transport, logger } = createTestTransport([
      quickTarget(many.address, { name: 'many', ...elasticsearch.settings, batch_wait: '1h' }),
      quickTarget(large.address, {
        name: 'large',
        ...splunk.settings,
        batch_bytes: 2 ** 24,
        batch_wait: '1h',
      }),
    ]);
    for (let index = 0; index < 2500; index++) logger.info(String(index), { pad: 'x'.repeat(1000) });
    await transport.flush();
    expect(
      many.requests
        .map((request) => elasticsearch.messages(request).length)
        .every((length) => length <= 1000),
    ).toBe(true);
    expect(large.requests.length).toBeGreaterThan(2);
    expect(large.requests.every(({ raw }) => raw.length <= 1_000_000)).toBe(true);
    expect(statusOf(transport, 'large').delivered).toBe(2500);
  });
});
