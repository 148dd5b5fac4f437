// npm graphql-ws over ws, fed from a broadcast in this process. Port: the first argument.
import { createServer } from 'node:http';
import { GraphQLInt, GraphQLNonNull, GraphQLObjectType, GraphQLSchema, GraphQLString } from 'graphql';
import { useServer } from 'graphql-ws/use/ws';
import { WebSocketServer } from 'ws';

const listeners = new Set();
let last = 100000;

const tick = (number) => ({ benchTick: { number, text: `tick-${number}-${'x'.repeat(160)}` } });

async function* ticks() {
  const waiting = [];
  let wake = () => {};
  const listener = (value) => {
    waiting.push(value);
    wake();
  };
  listeners.add(listener);
  try {
    yield tick(last);
    while (true) {
      while (waiting.length > 0) yield waiting.shift();
      await new Promise((resolve) => {
        wake = resolve;
      });
    }
  } finally {
    listeners.delete(listener);
  }
}

const Tick = new GraphQLObjectType({
  name: 'BenchTick',
  fields: {
    number: { type: new GraphQLNonNull(GraphQLInt) },
    text: { type: new GraphQLNonNull(GraphQLString) },
  },
});
const schema = new GraphQLSchema({
  query: new GraphQLObjectType({ name: 'Query', fields: { hello: { type: GraphQLString } } }),
  subscription: new GraphQLObjectType({
    name: 'Subscription',
    fields: { benchTick: { type: new GraphQLNonNull(Tick), subscribe: ticks } },
  }),
});

const server = createServer((request, response) => {
  const url = new URL(request.url, 'http://localhost');
  if (request.method === 'POST' && url.pathname === '/tick') {
    last = Number(url.searchParams.get('number'));
    const value = tick(last);
    for (const listener of listeners) listener(value);
  }
  response.end('ok');
});
useServer({ schema }, new WebSocketServer({ server, path: '/graphql' }));
server.listen({ port: Number(process.argv[2]), host: '127.0.0.1', backlog: 1024 });
