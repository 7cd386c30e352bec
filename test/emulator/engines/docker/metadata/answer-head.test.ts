import { expect, it } from "vitest";
import { answerHead } from "../../../../../src/emulator/engines/docker/metadata/answer-head.js";

const answer = async (head: string): Promise<string> => (await answerHead(Buffer.from(head, "latin1"), ({ method, url, headers }) => ({ status: 200, body: { method, url, host: headers["host"] } }))).toString();

it("answers a request as a server does, and says that it was the only one", async () => {
  const told = await answer("GET /a?b=c HTTP/1.1\r\nHost: h\r\n\r\n");
  expect(told).toMatch(/^HTTP\/1\.1 200 OK\r\n/);
  expect(told).toContain("Connection: close\r\n");
  expect(told).toMatch(/\r\n\r\n\{"method":"GET","url":"\/a\?b=c","host":"h"\}$/);
});

// Whatever a container sends: the relay serves one after the other and would wait for ever.
it.each([
  ["nothing but line ends", "\r\n\r\n", /^$|^HTTP\/1\.1 400/],
  ["what is no HTTP", "\0\x01\x02\r\n\r\n", /^HTTP\/1\.1 400/],
  ["no host", "GET / HTTP/1.1\r\n\r\n", /^HTTP\/1\.1 400/],
  ["an address that is none", "GET http://[ HTTP/1.1\r\nHost: h\r\n\r\n", /^HTTP\/1\.1 (200|400)/],
  ["a body that does not come", "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 10\r\n\r\n", /^HTTP\/1\.1 200/],
  ["chunks that do not come", "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n", /^HTTP\/1\.1 200/],
  ["a body that is awaited", "POST / HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: 10\r\n\r\n", /^HTTP\/1\.1 100 Continue\r\n\r\nHTTP\/1\.1 200/],
  ["another protocol", "GET / HTTP/1.1\r\nHost: h\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n", /^$|^HTTP\/1\.1 200/],
  ["a tunnel", "CONNECT h:80 HTTP/1.1\r\nHost: h\r\n\r\n", /^$/],
  ["two requests", "GET /1 HTTP/1.1\r\nHost: h\r\n\r\nGET /2 HTTP/1.1\r\nHost: h\r\n\r\n", /^HTTP\/1\.1 200[^]*"\/1"[^/]*$/],
])("comes to an end for %s", async (_what, head, expected) => {
  expect(await answer(head)).toMatch(expected);
});
