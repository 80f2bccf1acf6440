// Prints what a target gets in one of the event formats: node examples/formats.mjs lxd
import { once } from 'node:events';
import http from 'node:http';
import winston from 'winston';
import { EventTransport } from 'winston-log-targets';

const formats = {
  'migration-manager': {},
  lxd: {},
  'ibm-resource-lifecycle': {
    scopes: ['lifecycle'],
    format_options: { account_id: 'abcdef25', region_id: 'us-south', service: 'demo' },
  },
  cloudevents: {
    format_options: {
      source: 'https://example.com/demo',
      type_prefix: 'com.example.demo',
      extensions: { ibmensourceid: 'demo:api', ibmenseverity: 'LOW', ibmendefaultshort: 'A demonstration' },
    },
  },
  json: { format_options: { fields: { service: 'demo' } } },
  loki: { format_options: { labels: { app: 'demo' } } },
  otlp: { format_options: { resource: { 'service.name': 'demo' } } },
  'splunk-hec': { format_options: { index: 'main', sourcetype: '_json' } },
  elasticsearch: { format_options: { index: 'logs-demo-default' } },
};
const [, , event_format = 'migration-manager'] = process.argv;

const server = http.createServer(async (request, response) => {
  const chunks = [];
  for await (const chunk of request) chunks.push(chunk);
  // What Elasticsearch answers when all is well; the others look at the status.
  response.writeHead(200).end('{"errors":false}');
  console.log(request.headers['content-type']);
  // Of some formats each line is JSON.
  const lines = event_format === 'splunk-hec' || event_format === 'elasticsearch';
  const body = Buffer.concat(chunks).toString().trimEnd();
  for (const text of lines ? body.split('\n') : [body])
    console.log(JSON.stringify(JSON.parse(text), undefined, 2));
});
server.listen(0, '127.0.0.1');
await once(server, 'listening');

const target = {
  name: 'receiver',
  address: `http://127.0.0.1:${server.address().port}/`,
  level: 'INFO',
  scopes: ['lifecycle', 'logging', 'operation'],
  event_format,
  ...formats[event_format],
};
const logger = winston.createLogger({
  transports: [new EventTransport({ targets: [target], location: 'node-1' })],
});
logger.info('Start https listener', { addr: '[::]:6443' });
logger.lifecycle('instance.create', {
  entities: ['/1.0/instances/c1', '/1.0/images/i1'],
  requestor: 'tls/a57be4e2 (10.0.0.101)',
  project: 'web',
});
logger.operation({ description: 'Copying image', resources: { images: '/1.0/images/i1' } }).done();
logger.end();
await once(logger, 'finish');
server.close();
