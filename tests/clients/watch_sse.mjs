// Watches a live field with graphql-sse, one connection an operation; resumes from the last cursor.
import { createClient } from "graphql-sse";

const [url, token, query, variablesText] = process.argv.slice(2);
const variables = JSON.parse(variablesText);
const say = (line) => console.log(JSON.stringify(line));
const client = createClient({
  url: `${url}/graphql`,
  headers: token ? { Authorization: `Bearer ${token}` } : {},
  retryAttempts: 20,
  retry: () => new Promise((done) => setTimeout(done, 100)),
});
client.subscribe(
  { query, variables },
  {
    next: (answer) => {
      if (answer.errors) return say({ errors: answer.errors });
      const [value] = Object.values(answer.data);
      variables.after = value.cursor;
      say({ value });
    },
    error: (error) => say({ errors: Array.isArray(error) ? error : [String(error)] }),
    complete: () => say({ complete: true }),
  },
);
