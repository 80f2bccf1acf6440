// An HTTPS receiver of log events: a certificate of its own, basic authentication, and a switch to make it fail.
import { once } from 'node:events';
import https from 'node:https';
import { generate } from 'selfsigned';

/** Starts on a free port. `fails`: while true, it answers 503. */
export async function startReceiver({ username, password }) {
  const { cert, private: key } = await generate([{ name: 'commonName', value: 'receiver.example' }], {
    keyType: 'ec',
    algorithm: 'sha256',
  });
  const authorization = `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`;
  const receiver = {
    cert,
    events: [],
    requests: 0,
    refusals: 0,
    fails: false,
    address: '',
    close: () => server.close(),
  };

  const server = https.createServer({ cert, key }, async (request, response) => {
    const chunks = [];
    for await (const chunk of request) chunks.push(chunk);
    receiver.requests++;
    if (request.headers.authorization !== authorization) {
      response.writeHead(401).end();
    } else if (receiver.fails) {
      receiver.refusals++;
      response.writeHead(503).end();
    } else {
      receiver.events.push(...JSON.parse(Buffer.concat(chunks).toString()));
      response.writeHead(204).end();
    }
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  receiver.address = `https://127.0.0.1:${server.address().port}/1.0/log`;
  return receiver;
}
