// The page before anything is known. What it comes to know is put in as text by its script.
const BODY = String.raw`
<header>
  <h1>ACI emulator</h1>
  <p id="status" role="status">Not connected</p>
  <p id="clock" hidden>It is <time id="now"></time> UTC on the emulator's clock</p>
</header>
<noscript><p class="help">This page needs JavaScript to ask the emulator what it does.</p></noscript>
<section id="help" class="help" aria-labelledby="help-title" hidden>
  <h2 id="help-title">How to get in</h2>
  <p id="reason"></p>
  <p>Open the whole link, with all that follows the <code>#</code>. The emulator's command prints it at its start:</p>
  <pre>Look at it: http://127.0.0.1:PORT/#TOKEN</pre>
  <p>In a program it is <code>emulator.pageUrl</code>. The token stays in this tab; it is sent to the emulator only.</p>
</section>
<main id="main" hidden>
  <div class="column">
    <section aria-labelledby="groups-title">
      <h2 id="groups-title">Container groups <span id="group-count" class="count"></span></h2>
      <p id="no-groups" class="empty">There is none. Groups appear here as they are created.</p>
      <div id="groups" class="scroll" tabindex="0" role="group" aria-labelledby="groups-title"></div>
    </section>
    <section aria-labelledby="log-title">
      <h2 id="log-title">Log</h2>
      <p id="log-hint" class="empty">Choose a container with its “Show log” button.</p>
      <pre id="log" tabindex="0" role="region" aria-labelledby="log-title" hidden></pre>
    </section>
  </div>
  <div class="column">
    <section aria-labelledby="faults-title">
      <h2 id="faults-title">Faults <span id="fault-count" class="count"></span></h2>
      <p id="no-faults" class="empty">None is set.</p>
      <div class="scroll" tabindex="0" role="region" aria-labelledby="faults-title" id="faults-table" hidden>
        <table>
          <thead><tr><th scope="col">When</th><th scope="col">What</th><th scope="col">Struck</th></tr></thead>
          <tbody id="faults"></tbody>
        </table>
      </div>
    </section>
    <section aria-labelledby="requests-title">
      <h2 id="requests-title">Requests <span class="count">newest first</span></h2>
      <p id="no-requests" class="empty">Nobody has asked for anything yet.</p>
      <div class="scroll" tabindex="0" role="region" aria-labelledby="requests-title" id="requests-table" hidden>
        <table>
          <thead><tr><th scope="col">Time</th><th scope="col">Method</th><th scope="col">Path</th><th scope="col">Status</th></tr></thead>
          <tbody id="requests"></tbody>
        </table>
      </div>
    </section>
  </div>
</main>
`;

/** The whole page, with its style and its script in it. */
export function markup(style: string, script: string): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>ACI emulator</title>
<link rel="icon" href="data:,">
<style>${style}</style>
</head>
<body>${BODY}<script>${script}</script>
</body>
</html>
`;
}
