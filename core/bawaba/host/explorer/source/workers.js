// Monaco's language services run in workers. Each is a plain file next to this
// bundle, so `worker-src 'self'` is enough (no blob: or data: workers).
const here = document.currentScript.src;

const files = { json: 'json.worker.js', graphql: 'graphql.worker.js' };

globalThis.MonacoEnvironment = {
  getWorker(_id, label) {
    return new Worker(new URL(files[label] ?? 'editor.worker.js', here), { name: label });
  },
};
