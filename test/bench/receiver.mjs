// A receiver in a process of its own. Counts events, finds what is missing, doubled or out of order by `seq` in the
// context, and tells its parent on request.
import http from 'node:http';

let events = 0;
let requests = 0;
let outOfOrder = 0;
let lastSeq = -1;
let seen = new Set();

function count(list) {
  for (const event of list) {
    const seq = Number(event.metadata?.context?.seq ?? event.seq ?? event.params?.seq);
    events++;
    if (seq < lastSeq) outOfOrder++;
    lastSeq = seq;
    seen.add(seq);
  }
}

const server = http.createServer((request, response) => {
  const chunks = [];
  request.on('data', (chunk) => chunks.push(chunk));
  request.on('end', () => {
    response.writeHead(204).end();
    requests++;
    const body = JSON.parse(Buffer.concat(chunks).toString());
    count(Array.isArray(body) ? body : Array.isArray(body.params) ? body.params : [body]);
  });
});

process.on('message', (message) => {
  if (message === 'reset') {
    [events, requests, outOfOrder, lastSeq, seen] = [0, 0, 0, -1, new Set()];
  }
  process.send({ events, requests, outOfOrder, distinct: seen.size });
});
server.listen(0, '127.0.0.1', () => process.send({ port: server.address().port }));
