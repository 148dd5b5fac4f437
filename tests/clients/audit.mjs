// Prints one line of JSON for each check of the official GraphQL-over-HTTP audit.
import { serverAudits } from "graphql-http";

const [url] = process.argv.slice(2);
for (const audit of serverAudits({ url, fetchFn: fetch })) {
  const result = await audit.fn();
  console.log(JSON.stringify({ name: result.name, status: result.status, reason: result.reason }));
}
