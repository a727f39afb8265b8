/* Shared by all tabs: one EventSource, its events handed to every open port. The browser sends Last-Event-ID by itself when
 * it connects again; a refused stream is tried again with a growing pause. */
const ports = new Set();
let source = null;
let wait = 1000;

function open() {
  source = new EventSource('/api/v1/stream');
  source.addEventListener('open', () => { wait = 1000; });
  source.addEventListener('live', (e) => {
    const data = JSON.parse(e.data);
    for (const p of ports) p.postMessage(data);
  });
  source.addEventListener('error', () => {
    if (source.readyState !== EventSource.CLOSED) return; // the browser is connecting again by itself
    source = null;
    setTimeout(() => { if (!source && ports.size) open(); }, wait);
    wait = Math.min(wait * 2, 60000);
  });
}

self.onconnect = (e) => {
  const port = e.ports[0];
  ports.add(port);
  port.onmessage = (m) => {
    if (m.data !== 'bye') return;
    ports.delete(port);
    if (!ports.size && source) { source.close(); source = null; }
  };
  port.start();
  if (!source) open();
};
