// Watches a live field with graphql-ws, resuming from the last cursor; prints each step as JSON.
import { createClient } from "graphql-ws";
import WebSocket from "ws";

const [url, token, query, variablesText] = process.argv.slice(2);
const variables = JSON.parse(variablesText);
const say = (line) => console.log(JSON.stringify(line));
const client = createClient({
  url: `${url.replace("http", "ws")}/graphql`,
  webSocketImpl: WebSocket,
  connectionParams: token ? { authorization: `Bearer ${token}`, language: "EN" } : {},
  retryAttempts: 20,
  retryWait: () => new Promise((done) => setTimeout(done, 100)),
  shouldRetry: () => true,
  on: { closed: (event) => say({ closed: event.code }) },
});
client.subscribe(
  { query, variables },
  {
    next: (answer) => {
      if (answer.errors) return say({ errors: answer.errors });
      const [value] = Object.values(answer.data);
      variables.after = value.cursor; // sent again when the client reconnects
      say({ value });
    },
    error: (error) => say({ errors: Array.isArray(error) ? error : [String(error)] }),
    complete: () => say({ complete: true }),
  },
);
