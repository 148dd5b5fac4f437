// Runs any number of operations over one graphql-ws socket, as its standard input says; each line
// is {"id", "query", "variables"} to start one, or {"stop": id} to complete it.
import { createInterface } from "node:readline";
import { createClient } from "graphql-ws";
import WebSocket from "ws";

const [url, token] = process.argv.slice(2);
const say = (line) => console.log(JSON.stringify(line));
const client = createClient({
  url: `${url.replace("http", "ws")}/graphql`,
  webSocketImpl: WebSocket,
  lazy: false,
  retryAttempts: 0,
  connectionParams: { authorization: `Bearer ${token}` },
  on: { closed: (event) => say({ closed: event.code }) },
  onNonLazyError: () => {},
});
const stops = new Map();
createInterface({ input: process.stdin }).on("line", (line) => {
  const { id, stop, query, variables } = JSON.parse(line);
  if (stop) return stops.get(stop)();
  stops.set(
    id,
    client.subscribe(
      { query, variables },
      {
        next: (answer) => say(answer.errors ? { errors: answer.errors } : { [id]: answer.data }),
        error: (error) => Array.isArray(error) && say({ errors: error }),
        complete: () => say({ [id]: "complete" }),
      },
    ),
  );
});
