import { createServer, type Server } from "node:http";
import { Duplex } from "node:stream";
import type { EngineGroupSpec } from "../../../engine.js";

type Metadata = NonNullable<EngineGroupSpec["metadata"]>;

// What a request is answered, as it goes over the wire. Node's own server reads it: it is given the head as a connection and
// never listens.
export function answerHead(head: Buffer, metadata: Metadata): Promise<Buffer> {
  return new Promise((resolve) => {
    const parts: Buffer[] = [];
    const connection = new Duplex({
      read: () => undefined,
      write: (part: Buffer, _encoding, done) => {
        parts.push(part);
        done();
      },
      final: (done) => {
        done();
        resolve(Buffer.concat(parts));
      },
      destroy: (error, done) => {
        done(error);
        resolve(Buffer.concat(parts));
      },
    });
    connection.on("error", () => undefined);
    serverOf(metadata).emit("connection", connection);
    connection.push(head);
    // Ends what is no request, too: the relay waits for an answer.
    connection.push(null);
  });
}

function serverOf(metadata: Metadata): Server {
  return createServer(({ method = "GET", url = "/", headers }, response) => {
    const { status, body } = metadata({ method, url, headers });
    const text = JSON.stringify(body);
    response.writeHead(status, { "Content-Type": "application/json; charset=utf-8", "Content-Length": Buffer.byteLength(text), "Cache-Control": "no-store", Connection: "close" });
    response.end(text);
  });
}
