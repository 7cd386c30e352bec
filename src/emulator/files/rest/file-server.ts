import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { KEPT_CONNECTION_IN_MS } from "../../server/arm-server.js";
import { refuseOrigin } from "../../server/guard.js";
import { accountKey } from "./auth/account-key.js";
import { authorize } from "./auth/authorize.js";
import { errorAnswer, writeFileAnswer, type FileAnswer } from "./file-answer.js";
import { LARGEST_BODY_IN_BYTES, readFileRequest, readPlace, type FileRequest } from "./file-request.js";
import { findFileRoute } from "./file-routes.js";
import { PropertyBook } from "./property-book.js";
import { refusals, StorageError, toStorageError } from "./storage-error.js";

/** A file service that listens. */
export interface FileServer {
  readonly origin: string;
  close(): Promise<void>;
}

interface Served {
  readonly root: string;
  readonly token: string;
  readonly book: PropertyBook;
  readonly port: number;
}

/** Serves the shares in a folder, on this machine only. */
export async function serveFiles(root: string, token: string): Promise<FileServer> {
  const server = createServer({ keepAliveTimeout: KEPT_CONNECTION_IN_MS });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(0, "127.0.0.1", resolve);
  });
  const { port } = server.address() as AddressInfo;
  const served: Served = { root, token, book: new PropertyBook(), port };
  const running = new Set<Promise<void>>();
  server.on("request", (incoming, response) => {
    const answered = serveOne(served, incoming, response).finally(() => running.delete(answered));
    running.add(answered);
  });
  const close = async (): Promise<void> => {
    await new Promise<void>((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    });
    await Promise.all(running);
  };
  return { origin: `http://127.0.0.1:${port}`, close };
}

async function serveOne(served: Served, incoming: IncomingMessage, response: ServerResponse): Promise<void> {
  let request: FileRequest | undefined;
  try {
    refuseAtTheDoor(incoming, served.port);
    request = readFileRequest(incoming);
    const answer = await answerFileRequest(served, request).catch((error: unknown) => errorAnswer(toStorageError(error)));
    await writeFileAnswer(response, answer, request);
  } catch (error) {
    // Whoever asked has gone, or was promised more: there is nothing to say to them.
    if (response.headersSent) response.destroy();
    else await writeFileAnswer(response, errorAnswer(toStorageError(error)), request);
  }
}

async function answerFileRequest({ root, token, book, port }: Served, request: FileRequest): Promise<FileAnswer> {
  const { account, names } = request;
  const route = findFileRoute(request);
  const key = accountKey(token, account);
  const grant = authorize(request, route, key);
  const place = names.length === 0 ? { share: "", path: [] } : readPlace(request);
  return route.handler({ request, grant, root, book, account, key, ...place, url: `http://127.0.0.1:${port}/${account}` });
}

function refuseAtTheDoor(incoming: IncomingMessage, port: number): void {
  const refusal = refuseOrigin(incoming, port, ["127.0.0.1", "localhost"]);
  if (refusal !== undefined) throw new StorageError(refusal.status, refusal.code, refusal.message);
  const isUnbounded = incoming.headers["transfer-encoding"] !== undefined || Number(incoming.headers["content-length"] ?? 0) > LARGEST_BODY_IN_BYTES;
  if (isUnbounded) throw refusals.bodyTooLarge();
}
